import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, releasePort } from '../free-ports.ts';
import { guard, release, type Ward } from '../guardian/guardian.ts';
import type { Part, PartKind, SecureParts } from '../stack.ts';
import { startStack } from '../start-stack.ts';
import { createAuthority, type Authority, type Certificate } from './certificates.ts';
import type { SecureListener, SecureUsers } from './kafka-listeners.ts';

/** Servers that are spoken to by TLS, and what a client needs for it. All plain data, so that it can be told on. */
export interface SecureAddresses {
  /** Where all files are; a test may add its own. */
  directory: string;
  /** Data directory of PostgreSQL, which has `server.pem` and `server.key` in it. */
  databaseDirectory: string;
  /** The authority of every certificate here. */
  caFile: string;
  /** An authority that has signed none of them. */
  otherCaFile: string;
  /** Of a client; the database's user of that name is `postgres`. */
  client: Certificate;
  /** For `localhost`. */
  server: Certificate;
  expired: Certificate;
  otherHost: Certificate;
  /** A broker's listeners, as `host:port`: by SASL, by certificate, with bad certificates, and without TLS. */
  brokers: Record<'sasl' | 'certificate' | 'expired' | 'otherHost' | 'plain', string>;
  user: string;
  password: string;
  /** Key by which tokens for brokers are signed (RS256, key id `test`), and who they are from and for. */
  tokenKeyFile: string;
  issuer: string;
  audience: string;
  /** Superuser's, without a word about TLS; empty without PostgreSQL. */
  databaseUrl: string;
}

export interface SecureStack {
  addresses: SecureAddresses;
  kafka: Part | undefined;
  postgres: Part | undefined;
  stop(): Promise<void>;
}

/** Where the servers have their data, in the directory. */
const SERVERS = 'servers';

const USER = 'hookline';
const PASSWORD = 'hook%line+secret';
const ISSUER = 'https://issuer.example';
const AUDIENCE = 'kafka';

/** Starts a broker and a database with TLS, as processes. Nothing of them outlives this process. */
export async function startSecureStack(parts: PartKind[] = ['kafka', 'postgres']): Promise<SecureStack> {
  const directory = await mkdtemp(join(tmpdir(), 'hookline-secure-'));
  const ward: Ward = { kind: 'path', id: directory };
  guard(ward);
  await chmod(directory, 0o711);
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const clean = async () => {
    ports.forEach(releasePort);
    await rm(directory, { recursive: true, force: true });
    release(ward);
  };
  try {
    const [authority, other] = await Promise.all([createAuthority(directory), createAuthority(directory, 'other')]);
    const issued = await issueAll(authority);
    const tokens = await makeTokenKey(directory);
    const users: SecureUsers = {
      passwords: { [USER]: PASSWORD },
      jwksFile: tokens.jwksFile,
      issuer: ISSUER,
      audience: AUDIENCE,
    };
    const listener = async (port: number, of: Certificate, clients: SecureListener['clients']) => ({
      port,
      keystore: await keystoreOf(of),
      truststore: authority.caFile,
      clients,
    });
    const [sasl, certificate, expired, otherHost] = ports;
    const listeners = {
      SASL: await listener(sasl, issued.server, 'sasl'),
      CERTIFICATE: await listener(certificate, issued.server, 'certificate'),
      EXPIRED: await listener(expired, issued.expired, 'any'),
      OTHERHOST: await listener(otherHost, issued.otherHost, 'any'),
    };
    const secure: SecureParts = {
      kafka: { listeners, users },
      postgres: { ...issued.server, caFile: authority.caFile },
    };
    const stack = await startStack({ provider: 'processes', parts, secure, dataDirectory: join(directory, SERVERS) });
    const { brokers, databaseUrl } = stack.addresses;
    return {
      kafka: stack.kafka[0],
      postgres: parts.includes('postgres') ? stack.postgres : undefined,
      addresses: {
        directory,
        databaseDirectory: join(directory, SERVERS, 'postgres'),
        caFile: authority.caFile,
        otherCaFile: other.caFile,
        ...issued,
        brokers: {
          sasl: `localhost:${sasl}`,
          certificate: `localhost:${certificate}`,
          expired: `localhost:${expired}`,
          otherHost: `localhost:${otherHost}`,
          plain: brokers[0] ?? '',
        },
        user: USER,
        password: PASSWORD,
        tokenKeyFile: tokens.keyFile,
        issuer: ISSUER,
        audience: AUDIENCE,
        databaseUrl: databaseUrl.replace('127.0.0.1', 'localhost'),
      },
      async stop() {
        await stack.stop();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}

async function issueAll(authority: Authority) {
  // One after the other: the authority counts its certificates in a file.
  const server = await authority.issue('server', ['localhost']);
  const expired = await authority.issue('expired', ['localhost'], { expired: true });
  const otherHost = await authority.issue('other-host', ['elsewhere.example']);
  const client = await authority.issue('client');
  return { server, expired, otherHost, client };
}

/** Kafka wants key and certificate in one file. */
async function keystoreOf({ certFile, keyFile }: Certificate): Promise<string> {
  const path = `${certFile}.keystore`;
  const [certificate, key] = await Promise.all([certFile, keyFile].map((file) => readFile(file, 'utf8')));
  await writeFile(path, `${key}${certificate}`, { mode: 0o600 });
  return path;
}

async function makeTokenKey(directory: string): Promise<{ keyFile: string; jwksFile: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [keyFile, jwksFile] = [join(directory, 'token.key'), join(directory, 'jwks.json')];
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' };
  await writeFile(jwksFile, JSON.stringify({ keys: [key] }));
  return { keyFile, jwksFile };
}
