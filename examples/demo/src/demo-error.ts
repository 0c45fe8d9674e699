/** What a person can act on: the message says what failed and what to do, with the end of the log that tells. */
export class DemoError extends Error {
  override name = 'DemoError';
}

/** What to tell a person about any error: its own words, and those of its causes where they add something. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || error.name;
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return cause === '' || message.includes(cause) ? message : `${message}\n  Cause: ${cause}`;
}
