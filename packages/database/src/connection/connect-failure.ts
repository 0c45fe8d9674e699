import { adviceOnTls, HooklineError } from '@hookline/runtime';

/** Wrong user or password (class 28), no such database, no right to connect to it. */
const REFUSED = /^(28...|3D000|42501)$/;

/**
 * An error of connecting, as what an operator can act on. Somebody else's record must not be blamed for it: for what has
 * no statement yet, it is the database that cannot be used, whatever its SQLSTATE.
 */
export function connectFailure(error: Error): Error {
  if (error instanceof HooklineError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const advice = adviceOnTls(error, 'HOOKLINE_DATABASE') ?? adviceOnAnswer(error);
  if (advice === undefined && !REFUSED.test(code)) return error;
  const said = advice === undefined ? error.message : `${error.message.trimEnd()}: ${advice}`;
  return new HooklineError('DATABASE_UNAVAILABLE', `No connection to the database: ${said}.`, {
    cause: error,
  });
}

/** What node-postgres says where the server has no TLS. */
function adviceOnAnswer({ message }: Error): string | undefined {
  if (!/does not support SSL connections|error establishing an SSL connection/.test(message)) return undefined;
  return 'it has no TLS, and HOOKLINE_DATABASE_TLS is true: let the server have a certificate';
}
