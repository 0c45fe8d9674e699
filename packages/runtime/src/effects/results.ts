/** How an attempt ended. Errors are for operators: no secrets, no bodies of deliveries. */
export type SendResult =
  /** Its target has taken it. What is worth to be known of the answer is kept: JSON, small. */
  | { outcome: 'sent'; result?: unknown }
  /** It had no effect, and counts. It is tried again by the backoff, and no sooner than `afterMs`. */
  | { outcome: 'failed'; error: string; afterMs?: number }
  /** Its target takes nothing now: no effect, does not count. All of its target wait for `afterMs`. */
  | { outcome: 'limited'; error: string; afterMs: number }
  /** It will never be taken: dead at once. */
  | { outcome: 'refused'; error: string }
  /** It began, and nobody knows whether it had its effect: `onAmbiguous` decides. Counts. */
  | { outcome: 'ambiguous'; error: string };

/** What a look at the target has found of an attempt whose outcome was unknown. */
export type LookResult =
  /** It had its effect; as with `sent`. */
  | { found: 'sent'; result?: unknown }
  /** It had none, and will have none: the effect is sent anew. */
  | { found: 'nothing' }
  /** The target could not be asked: it is looked again later, and no sooner than `afterMs`. */
  | { found: 'failed'; error: string; afterMs?: number };
