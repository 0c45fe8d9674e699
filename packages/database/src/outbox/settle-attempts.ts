import { allAnswered } from '../all-answered.ts';
import { integerArray, textArray, uuidArray } from '../arrays/typed-arrays.ts';
import type { Database, Queryable } from '../database.ts';
import { prepared } from '../prepared.ts';
import { storableText } from '../storable-text.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { HELD_SHARDS, heldValues, lockShards } from './lock-shards.ts';
import { SETTLED_COLUMNS } from './settled-columns.ts';
import type { Shard } from './shard.ts';
import { storableJson } from './storable-json.ts';

/** How an attempt ended, and so what becomes of its effect. */
export type AttemptEnd =
  /** Its target has taken it: it is settled. */
  | { state: 'sent'; result: unknown }
  /** It is sent again in `afterMs`; `decision` null: nothing is told in the audit. */
  | {
      state: 'waiting';
      afterMs: number;
      error: string | null;
      counts: boolean;
      decision: 'failed' | 'ambiguous' | null;
    }
  /** Nobody knows whether it had its effect; that is looked into in `afterMs`, and not before the attempt's end. */
  | { state: 'sending'; afterMs: number; error: string; counts: boolean; decision: 'failed' | 'ambiguous' | null }
  | { state: 'dead'; reason: 'refused' | 'exhausted' | 'ambiguous'; error: string };

export interface EndedAttempt {
  shard: Shard;
  effectId: string;
  end: AttemptEnd;
}

export interface SettleSettings {
  owner: string;
  statementTimeoutMs: number;
}

const MAX_ERROR_BYTES = 4096;

/**
 * Writes what became of attempts, with its audit: one transaction, under the shards' epochs. Doing it again changes
 * nothing, so that it can be repeated when its COMMIT had no reply.
 *
 * @returns the shards that another relay has by now: nothing of them was written
 */
export async function settleAttempts(
  database: Database,
  { owner, statementTimeoutMs }: SettleSettings,
  ended: readonly EndedAttempt[],
): Promise<Shard[]> {
  const shards = [...new Set(ended.map(({ shard }) => shard))];
  const placeOf = new Map(shards.map((shard, n) => [shard, n + 1]));
  const given = ended.map((one) => ({ ...one, n: placeOf.get(one.shard) as number }));
  const held = heldValues(owner, shards, null);
  const options = { keepPlans: true, statementTimeoutMs, lockTimeoutMs: statementTimeoutMs };
  return transaction(database, options, async (tx) => {
    const [locked] = await allAnswered([
      lockShards(tx, owner, shards, null),
      settle(tx, held, given.filter(isSent)),
      keep(tx, held, given.filter(isKept)),
    ]);
    const refused = shards.filter((shard) => !locked.includes(shard));
    return locked.length === 0 ? rollback(refused) : commit(refused);
  });
}

/** `n`: which of the shards it is of, from 1. */
type Given = EndedAttempt & { n: number };
type Sent = Given & { end: { state: 'sent' } };
type Kept = Given & { end: Exclude<AttemptEnd, { state: 'sent' }> };

const isSent = (ended: Given): ended is Sent => ended.end.state === 'sent';
const isKept = (ended: Given): ended is Kept => ended.end.state !== 'sent';

const SETTLE = prepared(
  `with held as materialized (${HELD_SHARDS}
     ), sent as (
       delete from hookline.outbox as effect
        using unnest($7::integer[], $8::uuid[], $9::text[]) as ended (n, effect_id, result)
         join held using (n)
        where effect.effect_id = ended.effect_id and effect.state = 'sending'
    returning effect.effect_id, effect.consumer_group, effect.topic, effect.kafka_partition, effect.ordering_key,
              effect.queue, effect.kind, effect.handler, effect.effect_key, effect.source, effect.dedup_scope, effect.guid,
              effect.digest, effect.event, effect.action, effect.repository_id, effect.incarnation, effect.kafka_offset,
              effect.attempts, effect.total_attempts, effect.created_at, held.epoch, ended.result::jsonb as result
     ), settled as (
       insert into hookline.settled_effects (${SETTLED_COLUMNS}, outcome, result, attempts)
       select ${SETTLED_COLUMNS}, 'sent', result, total_attempts
         from sent
     )
     insert into hookline.audit_log
            (stage, decision, topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source, dedup_scope,
             guid, digest, event, action, handler, attempt, repository_id, effect_id)
     select 'effect', 'sent', topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source, dedup_scope,
            guid, digest, event, action, handler, attempts, repository_id, effect_id
       from sent`,
);

async function settle(tx: Queryable, held: readonly unknown[], sent: readonly Sent[]): Promise<void> {
  if (sent.length === 0) return;
  await tx.query(SETTLE, [
    ...held,
    integerArray(sent.map(({ n }) => n)),
    uuidArray(sent.map(({ effectId }) => effectId)),
    textArray(sent.map(({ end }) => storableJson(end.result))),
  ]);
}

const KEEP = prepared(
  `with held as materialized (${HELD_SHARDS}
     ), ended as (
       select ended.*, held.epoch
         from unnest($7::integer[], $8::uuid[], $9::text[], $10::float8[], $11::text[], $12::text[], $13::integer[],
                     $14::text[]) as ended (n, effect_id, state, after_ms, error, reason, uncounted, decision)
         join held using (n)
     ), kept as (
       update hookline.outbox as effect
          set state = ended.state, error = ended.error, reason = ended.reason,
              attempts = effect.attempts - ended.uncounted,
              due_at = case when ended.state = 'waiting' then clock_timestamp() + ended.after_ms * interval '1 ms'
                            else effect.due_at end,
              attempt_started_at = case when ended.state = 'sending' then effect.attempt_started_at end,
              attempt_ends_at = case when ended.state = 'sending'
                                     then greatest(effect.attempt_ends_at, clock_timestamp() + ended.after_ms * interval '1 ms')
                                end
         from ended
        where effect.effect_id = ended.effect_id and effect.state = 'sending'
    returning effect.*, ended.epoch, ended.decision, effect.attempts + ended.uncounted as attempt
     )
     insert into hookline.audit_log
            (stage, decision, topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source, dedup_scope,
             guid, digest, event, action, handler, attempt, detail, repository_id, effect_id)
     select 'effect', decision, topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source, dedup_scope,
            guid, digest, event, action, handler, attempt, error, repository_id, effect_id
       from kept
      where decision is not null`,
);

async function keep(tx: Queryable, held: readonly unknown[], kept: readonly Kept[]): Promise<void> {
  if (kept.length === 0) return;
  await tx.query(KEEP, [
    ...held,
    integerArray(kept.map(({ n }) => n)),
    uuidArray(kept.map(({ effectId }) => effectId)),
    kept.map(({ end }) => end.state),
    kept.map(({ end }) => (end.state === 'dead' ? 0 : end.afterMs)),
    kept.map(({ end }) => (end.error === null ? null : storableText(end.error, MAX_ERROR_BYTES))),
    kept.map(({ end }) => (end.state === 'dead' ? end.reason : null)),
    kept.map(({ end }) => (end.state === 'dead' || end.counts ? 0 : 1)),
    kept.map(({ end }) => (end.state === 'dead' ? 'dead-lettered' : end.decision)),
  ]);
}
