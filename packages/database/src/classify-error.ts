/**
 * SQLSTATE classes and codes that say nothing about the statement: connection exceptions (08), resources (53),
 * conflicts that a new attempt resolves (40), locks not to be had in time (55P03), operator intervention (57P0x),
 * system errors (58); a session without the statements that were prepared in it (26000, 42P05).
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const PASSING = /^(08...|26000|40...|42P05|53...|55P03|57P0.|58...)$/;

/** What could not connect was never told the statement, whatever the server has said. */
const UNAVAILABLE = 'DATABASE_UNAVAILABLE';

/** Errors of the connection itself have no SQLSTATE; node-postgres tells some by message only. */
const CONNECTION_CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const CONNECTION_MESSAGES =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/;

/**
 * Whether an error, or what caused it, is the database's condition and not the statement's fault: the same work can
 * succeed later, so that nobody should be blamed for it.
 */
export function isPassing(error: unknown): boolean {
  return someCause(
    error,
    (code, message) =>
      code === UNAVAILABLE || PASSING.test(code) || CONNECTION_CODES.test(code) || CONNECTION_MESSAGES.test(message),
  );
}

/**
 * Whether two transactions were in each other's way: a deadlock or a serialization failure (class 40), a lock not to be
 * had in time (55P03). The same work, run again at once, can succeed.
 */
export function isConflict(error: unknown): boolean {
  return someCause(error, (code) => /^(40...|55P03)$/.test(code));
}

/**
 * Whether PostgreSQL has refused the values themselves: data exceptions (class 22), violated constraints (23), limits
 * of the program (54). The same values will be refused again.
 */
export function isDataFault(error: unknown): boolean {
  return someCause(error, (code) => /^(22|23|54)...$/.test(code));
}

/**
 * Whether the server has said no to what it was told, for a reason that does not pass by itself: everything that has a
 * SQLSTATE, but for conditions, and for a statement that was cancelled for its time (57014). Codes of Node (`EPIPE`) are
 * none.
 */
export function isRefusal(error: unknown): boolean {
  if (someCause(error, (code) => code === UNAVAILABLE)) return false;
  return someCause(error, (code) => /^(?!E[A-Z])[0-9A-Z]{5}$/.test(code) && !PASSING.test(code) && code !== '57014');
}

/** Not `instanceof`: a socket's errors are of Node's own realm, and our code may run in another (Jest's does). */
function someCause(error: unknown, test: (code: string, message: string) => boolean): boolean {
  for (let at = error, depth = 0; isError(at) && depth < 10; at = at.cause, depth++) {
    if (test('code' in at && typeof at.code === 'string' ? at.code : '', at.message)) return true;
  }
  return false;
}

function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
