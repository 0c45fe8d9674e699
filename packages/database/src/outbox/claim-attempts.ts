import type { SendableEffect } from '@hookline/runtime';
import { allAnswered } from '../all-answered.ts';
import { integerArray, uuidArray } from '../arrays/typed-arrays.ts';
import type { Database, Queryable } from '../database.ts';
import { prepared } from '../prepared.ts';
import { readBody, type StoredBody } from '../stored-body.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { HELD_SHARDS, heldValues, lockShards } from './lock-shards.ts';
import type { Shard } from './shard.ts';

export interface ClaimedEffect extends SendableEffect {
  shard: Shard;
  /** An earlier attempt has begun, and nobody knows how it ended: it must not simply be sent. */
  isAmbiguous: boolean;
}

export interface ClaimSettings {
  owner: string;
  /** Milliseconds that an attempt may take in all. */
  deadlineMs: number;
  /** Milliseconds behind an attempt's end in which what it has sent may still be under way. */
  marginMs: number;
  statementTimeoutMs: number;
}

export interface ShardClaim {
  shard: Shard;
  effectIds: readonly string[];
}

export interface ClaimResult {
  claimed: ClaimedEffect[];
  /** Another relay has them, or their lease does not last for an attempt: nothing of them was claimed. */
  refused: Shard[];
}

/**
 * Records, before anything is sent, that an attempt of each of these effects begins: one transaction, under the shards'
 * epochs. Left out is what is not the first of its queue, has an attempt that has not ended, is dead, settled or moved:
 * so that a relay whose memory is wrong can delay, but not disorder or double.
 */
export async function claimAttempts(
  database: Database,
  settings: ClaimSettings,
  claims: readonly ShardClaim[],
): Promise<ClaimResult> {
  const { owner, deadlineMs, statementTimeoutMs } = settings;
  const options = { keepPlans: true, statementTimeoutMs, lockTimeoutMs: statementTimeoutMs };
  return transaction(database, options, async (tx) => {
    const shards = claims.map(({ shard }) => shard);
    const [locked, claimed] = await allAnswered([
      lockShards(tx, owner, shards, deadlineMs),
      begin(tx, settings, claims),
    ]);
    const refused = shards.filter((shard) => !locked.includes(shard));
    return claimed.length === 0 ? rollback({ claimed, refused }) : commit({ claimed, refused });
  });
}

type Row = {
  n: number;
  effect_id: string;
  kind: string;
  ordering_key: string;
  queue: string;
  handler: string;
  guid: string;
  digest: Buffer;
  event: string;
  action: string | null;
  source: string;
  repository_id: string | null;
  request: unknown;
  headers: Record<string, string> | null;
  body: Buffer | null;
  body_encoding: StoredBody['encoding'] | null;
  body_bytes: number | null;
  traceparent: string | null;
  attempts: number;
  created_at: Date;
  was_sending: boolean;
};

const BEGIN = prepared(
  `with held as materialized (${HELD_SHARDS}
     ), first as (
       select effect.effect_id, held.n, held.epoch, effect.state = 'sending' as was_sending,
              effect.state = 'sending' and effect.error is null as is_untold
         from unnest($8::integer[], $9::uuid[]) as wanted (n, effect_id)
         join held using (n)
         join hookline.outbox as effect using (effect_id, consumer_group, topic, kafka_partition)
        where (effect.state = 'waiting'
               or effect.state = 'sending'
                  and effect.attempt_ends_at + $7::float8 * interval '1 ms' <= clock_timestamp())
          and not exists (select
                            from hookline.outbox as earlier
                           where earlier.consumer_group = effect.consumer_group and earlier.topic = effect.topic
                             and earlier.kafka_partition = effect.kafka_partition
                             and earlier.ordering_key = effect.ordering_key and earlier.queue = effect.queue
                             and earlier.position < effect.position and earlier.state <> 'dead')
          for update of effect
     ), begun as (
       update hookline.outbox as effect
          set state = 'sending', attempts = attempts + 1, total_attempts = total_attempts + 1, error = null,
              attempt_started_at = clock_timestamp(),
              attempt_ends_at = clock_timestamp() + $6::float8 * interval '1 ms'
         from first
        where effect.effect_id = first.effect_id
    returning effect.*, first.n, first.epoch, first.was_sending, first.is_untold
     ), told as (
       insert into hookline.audit_log
              (stage, decision, topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source, dedup_scope,
               guid, digest, event, action, handler, attempt, detail, repository_id, effect_id)
       select 'effect', 'ambiguous', topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source,
              dedup_scope, guid, digest, event, action, handler, attempts - 1,
              'Its relay did not say how the attempt ended.', repository_id, effect_id
         from begun
        where is_untold
     )
     select n, effect_id, kind, ordering_key, queue, handler, guid, digest, event,
            action, source, repository_id, request, headers, body, body_encoding, body_bytes, traceparent, attempts,
            created_at, was_sending
       from begun
      order by position`,
);

async function begin(
  tx: Queryable,
  { owner, deadlineMs, marginMs }: ClaimSettings,
  claims: readonly ShardClaim[],
): Promise<ClaimedEffect[]> {
  const shards = claims.map(({ shard }) => shard);
  const wanted = claims.flatMap(({ effectIds }, n) => effectIds.map((effectId) => ({ n: n + 1, effectId })));
  const { rows } = await tx.query<Row>(BEGIN, [
    ...heldValues(owner, shards, deadlineMs),
    marginMs,
    integerArray(wanted.map(({ n }) => n)),
    uuidArray(wanted.map(({ effectId }) => effectId)),
  ]);
  return rows.map((row) => toClaimed(row, shards[row.n - 1] as Shard));
}

function toClaimed(row: Row, shard: Shard): ClaimedEffect {
  const { body, body_encoding: encoding, body_bytes: size } = row;
  return {
    shard,
    isAmbiguous: row.was_sending,
    effectId: row.effect_id,
    kind: row.kind,
    orderingKey: row.ordering_key,
    queue: row.queue,
    handler: row.handler,
    guid: row.guid,
    digest: row.digest,
    event: row.event,
    action: row.action,
    source: row.source,
    repositoryId: row.repository_id,
    request: row.request,
    headers: row.headers,
    body: body && encoding ? readBody({ encoding, bytes: body }, size ?? undefined) : null,
    traceparent: row.traceparent,
    attempts: row.attempts,
    createdAt: row.created_at,
  };
}
