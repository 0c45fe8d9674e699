import type { Database, Queryable } from '../database.ts';
import { storableText } from '../storable-text.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { lockShards } from './lock-shards.ts';
import { SETTLED_COLUMNS } from './settled-columns.ts';
import { shardKey, type Shard } from './shard.ts';
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
  const shards = [...new Map(ended.map(({ shard }) => [shardKey(shard), shard])).values()];
  return transaction(database, { statementTimeoutMs, lockTimeoutMs: statementTimeoutMs }, async (tx) => {
    const locked = new Set((await lockShards(tx, owner, shards, null)).map(shardKey));
    const refused = shards.filter((shard) => !locked.has(shardKey(shard)));
    const ours = ended.filter(({ shard }) => locked.has(shardKey(shard)));
    if (ours.length === 0) return rollback(refused);
    await settle(tx, ours.filter(isSent));
    await keep(tx, ours.filter(isKept));
    return commit(refused);
  });
}

type Sent = EndedAttempt & { end: { state: 'sent' } };
type Kept = EndedAttempt & { end: Exclude<AttemptEnd, { state: 'sent' }> };

const isSent = (ended: EndedAttempt): ended is Sent => ended.end.state === 'sent';
const isKept = (ended: EndedAttempt): ended is Kept => ended.end.state !== 'sent';

async function settle(tx: Queryable, sent: readonly Sent[]): Promise<void> {
  if (sent.length === 0) return;
  await tx.query(
    `with sent as (
       delete from hookline.outbox as effect
        using unnest($1::uuid[], $2::bigint[], $3::jsonb[]) as ended (effect_id, epoch, result)
        where effect.effect_id = ended.effect_id and effect.state = 'sending'
    returning effect.effect_id, effect.consumer_group, effect.topic, effect.kafka_partition, effect.ordering_key,
              effect.queue, effect.kind, effect.handler, effect.effect_key, effect.source, effect.dedup_scope, effect.guid,
              effect.digest, effect.event, effect.action, effect.repository_id, effect.incarnation, effect.kafka_offset,
              effect.attempts, effect.total_attempts, effect.created_at, ended.epoch, ended.result
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
    [
      sent.map(({ effectId }) => effectId),
      sent.map(({ shard }) => shard.epoch),
      sent.map(({ end }) => storableJson(end.result)),
    ],
  );
}

async function keep(tx: Queryable, kept: readonly Kept[]): Promise<void> {
  if (kept.length === 0) return;
  await tx.query(
    `with ended as (
       select *
         from unnest($1::uuid[], $2::bigint[], $3::text[], $4::float8[], $5::text[], $6::text[], $7::integer[], $8::text[])
                as ended (effect_id, epoch, state, after_ms, error, reason, uncounted, decision)
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
    [
      kept.map(({ effectId }) => effectId),
      kept.map(({ shard }) => shard.epoch),
      kept.map(({ end }) => end.state),
      kept.map(({ end }) => (end.state === 'dead' ? 0 : end.afterMs)),
      kept.map(({ end }) => (end.error === null ? null : storableText(end.error, MAX_ERROR_BYTES))),
      kept.map(({ end }) => (end.state === 'dead' ? end.reason : null)),
      kept.map(({ end }) => (end.state === 'dead' || end.counts ? 0 : 1)),
      kept.map(({ end }) => (end.state === 'dead' ? 'dead-lettered' : end.decision)),
    ],
  );
}
