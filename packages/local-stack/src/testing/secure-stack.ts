import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureAddresses } from '../secure/start-secure-stack.ts';
import { askHost } from './ask-host.ts';

/** This run's one broker and database with TLS, started by the first call of any test file; always as processes. */
export function secureStack(): Promise<SecureAddresses> {
  return askHost<SecureAddresses>('/secure');
}

/** A token that the brokers of a secure stack take, unless `claims` say otherwise. */
export function signToken(
  { tokenKeyFile, issuer, audience, user }: SecureAddresses,
  claims: Record<string, unknown> = {},
): string {
  const now = Math.floor(Date.now() / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const all = { sub: user, scope: 'kafka', iss: issuer, aud: audience, iat: now, exp: now + 300, ...claims };
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'test' })}.${encode(all)}`;
  const key = createPrivateKey(readFileSync(tokenKeyFile, 'utf8'));
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}
