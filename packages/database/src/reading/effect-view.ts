/** Those that are not settled first. */
export const EFFECT_STATES = ['waiting', 'sending', 'dead', 'sent', 'discarded'] as const;

export type EffectViewState = (typeof EFFECT_STATES)[number];

/** What a handler has asked for, and how it stands. */
export interface EffectView {
  effectId: string;
  state: EffectViewState;
  kind: string;
  handler: string;
  /** The handler's own key, or `#` and a number. */
  key: string;
  queue: string;
  orderingKey: string;
  /** Of the delivery that it is of. */
  guid: string;
  dedupScope: string;
  digest: Buffer;
  topic: string;
  partition: number;
  /** Attempts since it was written or redriven; of what is settled, all of them. */
  attempts: number;
  totalAttempts: number;
  createdAt: Date;
  /** Null: it is not waiting. */
  dueAt: Date | null;
  /** Why it is dead. */
  reason: string | null;
  /** Of the last attempt. */
  error: string | null;
  /** Until when an attempt that has begun may take effect. */
  attemptEndsAt: Date | null;
  settledAt: Date | null;
  /** What its target has answered. */
  result: unknown;
}

export interface EffectRow extends Record<string, unknown> {
  effect_id: string;
  state: EffectViewState;
  kind: string;
  handler: string;
  effect_key: string;
  queue: string;
  ordering_key: string;
  guid: string;
  dedup_scope: string;
  digest: Buffer;
  topic: string;
  kafka_partition: number;
  attempts: number;
  total_attempts: number;
  created_at: Date;
  due_at: Date | null;
  reason: string | null;
  error: string | null;
  attempt_ends_at: Date | null;
  settled_at: Date | null;
  result: unknown;
}

const OF_ALL = `effect_id, kind, handler, effect_key, queue, ordering_key, guid, dedup_scope, digest, topic,
            kafka_partition, repository_id, created_at`;

/** SQL: effects that are not settled, with the columns of {@link EffectRow}; those that differ may be empty. */
export const OPEN_EFFECTS = `(
     select ${OF_ALL}, state, attempts, total_attempts, case when state = 'waiting' then due_at end as due_at, reason,
            error, attempt_ends_at, null::timestamptz as settled_at, null::jsonb as result, created_at as at
       from hookline.outbox)`;

/** SQL: the same, of those that are settled. */
export const SETTLED_EFFECTS = `(
     select ${OF_ALL}, outcome as state, attempts, attempts as total_attempts, null::timestamptz as due_at,
            null::text as reason, null::text as error, null::timestamptz as attempt_ends_at,
            settled_at, result, settled_at as at
       from hookline.settled_effects)`;

export function effectView(row: EffectRow): EffectView {
  return {
    effectId: row.effect_id,
    state: row.state,
    kind: row.kind,
    handler: row.handler,
    key: row.effect_key,
    queue: row.queue,
    orderingKey: row.ordering_key,
    guid: row.guid,
    dedupScope: row.dedup_scope,
    digest: row.digest,
    topic: row.topic,
    partition: row.kafka_partition,
    attempts: row.attempts,
    totalAttempts: row.total_attempts,
    createdAt: row.created_at,
    dueAt: row.due_at,
    reason: row.reason,
    error: row.error,
    attemptEndsAt: row.attempt_ends_at,
    settledAt: row.settled_at,
    result: row.result,
  };
}
