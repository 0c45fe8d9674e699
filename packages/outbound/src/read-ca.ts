import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** What is wrong with the file of HOOKLINE_CA_FILE: a sentence, so that a start stops at it. */
export function caFileProblems({ caFile }: { caFile?: string | undefined }): string[] {
  if (caFile === undefined) return [];
  try {
    readOwn(caFile);
    return [];
  } catch (error) {
    return [`HOOKLINE_CA_FILE is ${JSON.stringify(caFile)}: ${(error as Error).message}.`];
  }
}

/**
 * The authorities that are trusted: the usual ones, and those of the file.
 *
 * @throws if the file cannot be read or holds no certificate
 */
export function readAuthorities(caFile: string): string[] {
  return [...getCACertificates('default'), ...readOwn(caFile)];
}

function readOwn(caFile: string): string[] {
  const certificates = readFileSync(caFile, 'utf8').match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw new Error('it holds no PEM certificate');
  // Read once: what is none throws, and is not left to each connection.
  return certificates.map((certificate) => new X509Certificate(certificate).toString());
}
