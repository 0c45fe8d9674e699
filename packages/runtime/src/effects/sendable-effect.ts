/** An effect as the relay reads it, to be sent. */
export interface SendableEffect {
  /** UUID, lower case; the idempotency key that receivers get. */
  effectId: string;
  kind: string;
  orderingKey: string;
  /** `''`, or the queue that the handler named; of a route its name. */
  queue: string;
  /** The handler that asked for it. */
  handler: string;
  /** Of the delivery, as GitHub sent it; lower case. */
  guid: string;
  /** SHA-256 of the delivery's JSON payload. */
  digest: Buffer;
  event: string;
  action: string | null;
  source: string;
  /** Decimal digits; null: the delivery is about no repository. */
  repositoryId: string | null;
  /** JSON of the kind's request type; as the database has it, so to be taken with care. */
  request: unknown;
  /** Of the delivery, names in lower case, where the effect was written with its body; else null. */
  headers: Record<string, string> | null;
  /** The delivery's body as GitHub sent it, byte for byte, where the effect was written with it; else null. */
  body: Buffer | null;
  /** Trace context of the delivery, as W3C writes it. */
  traceparent: string | null;
  /** Started since it was written or redriven, the present one included. */
  attempts: number;
  createdAt: Date;
}
