import type { SendableEffect } from '@hookline/runtime';
import type { Database, Queryable } from '../database.ts';
import { readBody, type StoredBody } from '../stored-body.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { lockShards } from './lock-shards.ts';
import { columnsOf, shardKey, toShard, type Shard, type ShardRow } from './shard.ts';

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
  return transaction(database, { statementTimeoutMs, lockTimeoutMs: statementTimeoutMs }, async (tx) => {
    const shards = claims.map(({ shard }) => shard);
    const locked = new Set((await lockShards(tx, owner, shards, deadlineMs)).map(shardKey));
    const refused = shards.filter((shard) => !locked.has(shardKey(shard)));
    const held = claims.filter(({ shard }) => locked.has(shardKey(shard)));
    if (held.length === 0) return rollback({ claimed: [], refused });
    return commit({ claimed: await begin(tx, settings, held), refused });
  });
}

type Row = ShardRow & {
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

async function begin(
  tx: Queryable,
  { deadlineMs, marginMs }: ClaimSettings,
  claims: readonly ShardClaim[],
): Promise<ClaimedEffect[]> {
  const wanted = claims.flatMap(({ shard, effectIds }) => effectIds.map((effectId) => ({ shard, effectId })));
  const { rows } = await tx.query<Row>(
    `with first as (
       select effect.effect_id, wanted.epoch, effect.state = 'sending' as was_sending,
              effect.state = 'sending' and effect.error is null as is_untold
         from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::uuid[])
                as wanted (consumer_group, topic, kafka_partition, epoch, effect_id)
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
    returning effect.*, first.epoch, first.was_sending, first.is_untold
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
     select consumer_group, topic, kafka_partition, epoch, effect_id, kind, ordering_key, queue, handler, guid, digest, event,
            action, source, repository_id, request, headers, body, body_encoding, body_bytes, traceparent, attempts,
            created_at, was_sending
       from begun
      order by position`,
    [...columnsOf(wanted.map(({ shard }) => shard)), wanted.map(({ effectId }) => effectId), deadlineMs, marginMs],
  );
  return rows.map(toClaimed);
}

function toClaimed(row: Row): ClaimedEffect {
  const { body, body_encoding: encoding, body_bytes: size } = row;
  return {
    shard: toShard(row),
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
