import type { SendableEffect } from '@hookline/runtime';

/** An effect of the outbox as it is read before it is claimed: without the delivery that goes with it. */
export interface QueuedEffect extends Omit<SendableEffect, 'headers' | 'body' | 'traceparent'> {
  position: bigint;
  /** JSON, or null where it is large: that is read when it is claimed. */
  request: unknown;
  /** What it may take of memory when it is claimed, roughly. */
  bytes: number;
  /** Milliseconds until it may be sent, by the database's clock; 0: now. Of an attempt that has begun: until it has ended. */
  dueInMs: number;
  /** An attempt has begun, and its relay has not said how it ended. */
  isSending: boolean;
}

/** Larger requests are left to the claim. */
const SMALL_REQUEST_BYTES = 4096;
/** Of an effect without its request and body, and of each byte of those: as text, as JSON, as what is sent. */
const EFFECT_BYTES = 4096;
const COPIES = 3;

/** The columns of a {@link QueuedRow}, of `effect`. */
export const QUEUED_COLUMNS = `effect.effect_id, effect.position, effect.ordering_key, effect.queue, effect.kind,
        effect.handler, effect.guid, effect.digest, effect.event, effect.action, effect.source, effect.repository_id,
        effect.attempts, effect.created_at,
        case when effect.request_bytes <= ${SMALL_REQUEST_BYTES} then effect.request end as request,
        ${EFFECT_BYTES} + ${COPIES} * (effect.request_bytes + coalesce(effect.body_bytes, 0)) as bytes,
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
  guid: string;
  digest: Buffer;
  event: string;
  action: string | null;
  source: string;
  repository_id: string | null;
  attempts: number;
  created_at: Date;
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
    guid: row.guid,
    digest: row.digest,
    event: row.event,
    action: row.action,
    source: row.source,
    repositoryId: row.repository_id,
    attempts: row.attempts,
    createdAt: row.created_at,
    request: row.request,
    bytes: row.bytes,
    dueInMs: row.due_in_ms,
    isSending: row.is_sending,
  };
}
