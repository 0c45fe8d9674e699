/** An effect of the outbox, as much of it as the relay keeps in memory while it waits. */
export interface QueuedEffect {
  effectId: string;
  position: bigint;
  orderingKey: string;
  queue: string;
  kind: string;
  handler: string;
  /** Its request where that is small, so that its target can be told before it is claimed; else null. */
  request: unknown;
  /** What it may take of memory when it is claimed, roughly. */
  bytes: number;
  /** Milliseconds until it may be sent, by the database's clock; 0: now. Of an attempt that has begun: until it has ended. */
  dueInMs: number;
  /** An attempt has begun, and its relay has not said how it ended. */
  isSending: boolean;
}

/** Larger requests, compressed, are read when they are claimed. */
const SMALL_REQUEST_BYTES = 4096;

/** The columns of a {@link QueuedRow}, of `effect`. */
export const QUEUED_COLUMNS = `effect.effect_id, effect.position, effect.ordering_key, effect.queue, effect.kind,
        effect.handler, case when pg_column_size(effect.request) <= ${SMALL_REQUEST_BYTES} then effect.request end as request,
        1024 + 8 * pg_column_size(effect.request) + coalesce(effect.body_bytes, 0) as bytes,
        effect.state = 'sending' as is_sending,
        greatest(0, 1000 * extract(epoch from coalesce(effect.attempt_ends_at, effect.due_at) - clock_timestamp()))::float8
          as due_in_ms`;

export type QueuedRow = {
  effect_id: string;
  position: string;
  ordering_key: string;
  queue: string;
  kind: string;
  handler: string;
  request: unknown;
  bytes: number;
  is_sending: boolean;
  due_in_ms: number;
};

export function toQueuedEffect(row: QueuedRow): QueuedEffect {
  return {
    effectId: row.effect_id,
    position: BigInt(row.position),
    orderingKey: row.ordering_key,
    queue: row.queue,
    kind: row.kind,
    handler: row.handler,
    request: row.request,
    bytes: row.bytes,
    dueInMs: row.due_in_ms,
    isSending: row.is_sending,
  };
}
