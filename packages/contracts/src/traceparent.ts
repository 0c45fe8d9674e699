const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The sender's `traceparent` if it is valid, so that its trace goes on through the log; else undefined.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function validTraceparent(header: unknown): string | undefined {
  return typeof header === 'string' && TRACEPARENT.test(header) ? header : undefined;
}

const LETTERS_FROM = 'a'.charCodeAt(0);

/** Whether the trace of a valid `traceparent` is recorded: the lowest bit of its flags, and so of its last digit. */
export function isSampledTraceparent(traceparent: string): boolean {
  const digit = traceparent.charCodeAt(traceparent.length - 1);
  return ((digit >= LETTERS_FROM ? digit - LETTERS_FROM + 10 : digit) & 1) === 1;
}
