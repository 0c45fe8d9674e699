/** What a person can act on: says what failed and what to do, with the end of the log that tells. */
export class StackError extends Error {
  override name = 'StackError';
}
