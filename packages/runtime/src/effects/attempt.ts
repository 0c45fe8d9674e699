/** One try to send an effect. Its start is recorded before it is handed out. */
export interface Attempt {
  effectId: string;
  /** From 1, since the effect was written or redriven. */
  number: number;
  /** Aborted when the deadline is over, or when the relay may send no more. */
  signal: AbortSignal;
  /** Milliseconds that the attempt may take in all, from when it was handed out. */
  deadlineMs: number;
  /**
   * To be called right before the bytes go out. From then on the attempt may have had its effect. Throws when none may
   * begin any more, because the lease could end before the deadline does: then no byte may be sent, and the attempt has
   * failed without having begun. Once it has begun, it may be called again, for a second request.
   */
  begin(): void;
}
