/**
 * Thrown by a handler that cannot do its work now, through no fault of the delivery (a service of others is away, a
 * limit of theirs is reached): the delivery waits in its lane, its key's later ones behind it, and no attempt is
 * counted.
 */
export class RetryLater extends Error {
  override name = 'RetryLater';
  /** How long to wait at least, in milliseconds; null: as after any failure. */
  readonly afterMs: number | null;

  constructor(message: string, { afterMs, ...options }: ErrorOptions & { afterMs?: number } = {}) {
    super(message, options);
    this.afterMs = afterMs ?? null;
  }
}
