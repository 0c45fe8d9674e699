import { randomUUID } from 'node:crypto';
import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { sha256 } from './deliveries.ts';
import { fenceOf, givePartition, PLACE } from './partitions.ts';

/** Partitions of {@link PLACE}'s topic, each with an owner. */
export async function givePartitions(database: Queryable, partitions: number): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    await givePartition(database, fenceOf(1n, { partition }));
  }
}

/** Puts an effect into the outbox behind all others, as a processor does; returns its id. */
export async function giveEffect(
  database: Queryable,
  given: Record<string, unknown> = {},
  place: PartitionPlace = { ...PLACE, partition: 0 },
): Promise<string> {
  const effectId = randomUUID();
  const row = {
    effect_id: effectId,
    consumer_group: place.consumerGroup,
    topic: place.topic,
    kafka_partition: place.partition,
    ordering_key: 'a',
    queue: '',
    kind: 'test.send',
    handler: 'welcome',
    effect_key: '#0',
    source: 'main',
    dedup_scope: 'main',
    guid: randomUUID(),
    digest: sha256(effectId),
    event: 'issues',
    action: 'opened',
    repository_id: '1',
    incarnation: 1,
    kafka_offset: 7,
    request: { text: 'hello' },
    ...given,
  };
  await database.query(
    `insert into hookline.outbox (${Object.keys(row).join(', ')})
     values (${Object.keys(row)
       .map((_, i) => `$${i + 1}`)
       .join(', ')})`,
    Object.values(row),
  );
  return effectId;
}

/** An effect of the outbox, as far as relays write it; undefined where there is none. */
export async function readEffect(database: Queryable, effectId: string): Promise<Record<string, unknown> | undefined> {
  const { rows } = await database.query(
    `select state, attempts, total_attempts, reason, error,
            round(extract(epoch from due_at - clock_timestamp()))::integer as due_in_s,
            round(extract(epoch from attempt_ends_at - clock_timestamp()))::integer as ends_in_s
       from hookline.outbox where effect_id = $1`,
    [effectId],
  );
  return rows[0];
}

/** What the audit says of effects, in its order. */
export async function readEffectAudit(database: Queryable): Promise<Record<string, unknown>[]> {
  const { rows } = await database.query(
    `select effect_id, decision, attempt, detail, epoch, handler, kafka_offset, ordering_key
       from hookline.audit_log where stage = 'effect' order by audit_id`,
  );
  return rows;
}
