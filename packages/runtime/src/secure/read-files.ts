import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Where the files of a TLS connection are; none: the authorities of Node.js, and no certificate of ours. */
export interface TlsFiles {
  caFile?: string | undefined;
  certFile?: string | undefined;
  keyFile?: string | undefined;
}

/** What those files hold, as `node:tls` takes it. */
export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Reads the files, at each connect: certificates that were replaced are in force for the next one.
 *
 * @throws with a message that names the file that cannot be read, or is not what it should be
 */
export function readTls({ caFile, certFile, keyFile }: TlsFiles): TlsMaterial {
  const material: TlsMaterial = {};
  if (caFile !== undefined) material.ca = named(caFile, readCertificates);
  if (certFile !== undefined) material.cert = named(certFile, readCertificates);
  if (keyFile !== undefined) material.key = named(keyFile, readKey);
  return material;
}

/**
 * The secret in a file, without the one line break that editors leave at its end. Read at each use.
 *
 * @throws with a message that names the file where it cannot be read or is empty
 */
export function readSecretFile(path: string): string {
  return named(path, (file) => {
    const secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (secret === '') throw new Error('it is empty');
    return secret;
  });
}

function readCertificates(path: string): string {
  const certificates = readFileSync(path, 'utf8').match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw new Error('it holds no PEM certificate');
  // What OpenSSL cannot read it would leave out, and then trust too little without a word.
  return certificates.map((text) => new X509Certificate(text).toString()).join('');
}

function readKey(path: string): string {
  const text = readFileSync(path, 'utf8');
  createPrivateKey(text);
  return text;
}

function named(path: string, read: (path: string) => string): string {
  try {
    return read(path);
  } catch (cause) {
    throw new Error(`${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}
