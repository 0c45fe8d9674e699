import { verify } from 'node:crypto';
import { errorReply, type Reply } from './reply.ts';
import type { StandInApp, StandInUser } from './settings.ts';
import type { Principal, State } from './state.ts';

export type Authenticated = { success: true; principal: Principal } | { success: false; reply: Reply };

export interface Accounts {
  apps: StandInApp[];
  users: StandInUser[];
}

const failed = (message: string): Authenticated => ({ success: false, reply: errorReply(401, message) });
const as = (principal: Principal): Authenticated => ({ success: true, principal });

/** Who a request is from, by its `authorization`; 401 as GitHub says it. */
export function authenticate(
  header: string | undefined,
  { apps, users }: Accounts,
  { tokens }: Pick<State, 'tokens'>,
  nowMs: number,
): Authenticated {
  const token = /^(?:bearer|token) (\S+)$/i.exec(header ?? '')?.[1];
  if (token === undefined) return failed('Requires authentication');
  const user = users.find((known) => known.token === token);
  if (user !== undefined) return as({ kind: 'user', user });
  const installation = tokens.get(token);
  if (installation !== undefined) {
    if (installation.expiresAt <= nowMs) return failed('Bad credentials');
    return as({ kind: 'installation', token, app: installation.app, installationId: installation.installationId });
  }
  return token.split('.').length === 3 ? byJwt(token, apps, nowMs / 1000) : failed('Bad credentials');
}

/** GitHub takes tokens for at most ten minutes from now; a minute is for clocks that differ. */
const LONGEST_S = 600 + 60;

function byJwt(token: string, apps: StandInApp[], now: number): Authenticated {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const { alg } = decoded(header);
  const { iss, exp, iat } = decoded(claims);
  const app = apps.find(({ id }) => String(id) === String(iss));
  const signed = Buffer.from(`${header}.${claims}`);
  if (
    app === undefined ||
    alg !== 'RS256' ||
    !verify('RSA-SHA256', signed, app.publicKey, Buffer.from(signature, 'base64url'))
  ) {
    return failed('A JSON web token could not be decoded');
  }
  if (typeof iat !== 'number' || iat > now) {
    return failed("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  }
  if (typeof exp !== 'number' || exp <= now) {
    return failed(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > now + LONGEST_S) return failed("'Expiration time' claim ('exp') is too far in the future");
  return as({ kind: 'app', app });
}

function decoded(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}
