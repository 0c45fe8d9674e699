/** Exit codes of `npm start`. Stopped by a signal before the table was shown, it is 128 plus the signal's number. */
export const EXIT = {
  /** Every number was as it must be. */
  ok: 0,
  /** A number was wrong, or a step failed; the last lines say which. */
  failed: 1,
  /** The command line is wrong, or the demo is running already; nothing was started. */
  usage: 2,
} as const;
