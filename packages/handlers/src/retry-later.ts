/** What a timer of Node can wait: about 24 days. */
const LONGEST_MS = 2_147_483_647;

/**
 * Thrown by a handler that cannot do its work now, through no fault of the delivery (a service of others is away, a
 * limit of theirs is reached): the delivery waits in its lane, its key's later ones behind it, and no attempt is
 * counted.
 */
export class RetryLater extends Error {
  override name = 'RetryLater';
  /** How long to wait at least, in milliseconds, from 0 to 24 days; null: as after any failure. */
  readonly afterMs: number | null;

  constructor(message: string, { afterMs, ...options }: ErrorOptions & { afterMs?: number } = {}) {
    super(message, options);
    // Often computed from what a server says, and NaN where that is a date: no reason to fail in another way.
    this.afterMs = typeof afterMs === 'number' && !Number.isNaN(afterMs) ? clamp(afterMs) : null;
  }
}

const clamp = (ms: number): number => Math.min(Math.max(ms, 0), LONGEST_MS);
