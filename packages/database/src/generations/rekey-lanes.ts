import type { Queryable } from '../database.ts';
import type { GenerationMove, KeyedDelivery } from './generation-move.ts';
import { mergeLanes, type FormerLane, type MergedLane, type RekeyedDelivery } from './merge-lanes.ts';
import { readInPages } from './read-in-pages.ts';
import { KEYED_COLUMNS, keyedDelivery, type KeyedRow } from './rekey-deliveries.ts';

/**
 * Puts what waits into the lanes of the keys that it has by the new rule, still in the old topic: what is in one lane then can
 * be in several partitions of it, until it moves.
 */
export async function rekeyLanes(
  tx: Queryable,
  { consumerGroup, from }: GenerationMove,
  newKeyOf: (stored: KeyedDelivery) => string,
): Promise<void> {
  const place = [consumerGroup, from] as const;
  const waiting: RekeyedDelivery[] = [];
  await readInPages<KeyedRow & { kafka_partition: number; position: string; appended_at: Date }>(
    tx,
    {
      columns: `kafka_partition, position, appended_at, ${KEYED_COLUMNS}`,
      from: 'hookline.lane_deliveries',
      where: 'true',
      by: ['kafka_partition', 'ordering_key', 'position'],
      values: place,
    },
    (row) =>
      waiting.push({
        partition: row.kafka_partition,
        orderingKey: row.ordering_key,
        position: BigInt(row.position),
        appendedAt: row.appended_at.getTime(),
        newKey: newKeyOf(keyedDelivery(row)),
      }),
  );
  const { gone, merged } = mergeLanes(await readLanes(tx, place), waiting);
  await insertLanes(tx, place, merged);
  await tx.query(
    `delete from hookline.lanes
      where consumer_group = $1 and topic = $2
        and (kafka_partition, ordering_key) in (select * from unnest($3::integer[], $4::text[]))`,
    [...place, gone.map(({ partition }) => partition), gone.map(({ orderingKey }) => orderingKey)],
  );
  await renumber(tx, place, merged);
  await countLanes(tx, place, merged);
}

async function readLanes(tx: Queryable, place: readonly string[]): Promise<FormerLane[]> {
  const { rows } = await tx.query<{
    kafka_partition: number;
    ordering_key: string;
    state: string;
    head_position: string;
    next_position: string;
    careful_until: string;
    opened_at: Date;
  }>(
    `select kafka_partition, ordering_key, state, head_position, next_position, careful_until, opened_at
       from hookline.lanes where consumer_group = $1 and topic = $2`,
    place,
  );
  return rows.map((row) => ({
    partition: row.kafka_partition,
    orderingKey: row.ordering_key,
    isHeld: row.state === 'held',
    headPosition: BigInt(row.head_position),
    nextPosition: BigInt(row.next_position),
    carefulUntil: BigInt(row.careful_until),
    openedAt: row.opened_at,
  }));
}

/** Above all partitions that a topic can have: a lane is made before those that it comes from are no more. */
const ASIDE = 1_000_000_000;

async function insertLanes(tx: Queryable, place: readonly string[], merged: readonly MergedLane[]): Promise<void> {
  await tx.query(
    `insert into hookline.lanes
            (consumer_group, topic, kafka_partition, ordering_key, state, head_position, next_position, careful_until,
             attempts, kills, deferrals, last_error, due_at, opened_at)
     select $1, $2, ${ASIDE}, made.ordering_key, made.state, made.first_position, made.first_position + made.records,
            made.careful_until, coalesce(tried.attempts, 0), coalesce(tried.kills, 0), coalesce(tried.deferrals, 0),
            tried.last_error, coalesce(tried.due_at, now()), made.opened_at
       from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::timestamptz[], $9::integer[],
                   $10::text[])
            as made (ordering_key, state, first_position, records, careful_until, opened_at, tried_partition, tried_key)
       left join hookline.lanes tried
         on tried.consumer_group = $1 and tried.topic = $2 and tried.kafka_partition = made.tried_partition
        and tried.ordering_key = made.tried_key`,
    [
      ...place,
      merged.map(({ orderingKey }) => orderingKey),
      merged.map(({ isHeld }) => (isHeld ? 'held' : 'retrying')),
      merged.map(({ firstPosition }) => firstPosition),
      merged.map(({ deliveries }) => deliveries.length),
      merged.map(({ carefulUntil }) => carefulUntil),
      merged.map(({ openedAt }) => openedAt),
      merged.map(({ triesOf }) => triesOf?.partition ?? null),
      merged.map(({ triesOf }) => triesOf?.orderingKey ?? null),
    ],
  );
}

async function renumber(tx: Queryable, place: readonly string[], merged: readonly MergedLane[]): Promise<void> {
  const rows = merged.flatMap(({ orderingKey, deliveries, firstPosition }) =>
    deliveries.map((delivery, nth) => ({ ...delivery, newKey: orderingKey, to: firstPosition + BigInt(nth) })),
  );
  const { rowCount } = await tx.query(
    `update hookline.lane_deliveries old
        set ordering_key = new.new_key, position = new.new_position
       from unnest($3::integer[], $4::text[], $5::bigint[], $6::text[], $7::bigint[])
            as new (kafka_partition, ordering_key, position, new_key, new_position)
      where old.consumer_group = $1 and old.topic = $2 and old.kafka_partition = new.kafka_partition
        and old.ordering_key = new.ordering_key and old.position = new.position`,
    [
      ...place,
      rows.map(({ partition }) => partition),
      rows.map(({ orderingKey }) => orderingKey),
      rows.map(({ position }) => position),
      rows.map(({ newKey }) => newKey),
      rows.map(({ to }) => to),
    ],
  );
  if (rowCount !== rows.length) throw new Error(`${rows.length} deliveries wait, and ${rowCount} have got a new key.`);
}

/** Counters are of what is there, not of what the old ones said. */
async function countLanes(tx: Queryable, place: readonly string[], merged: readonly MergedLane[]): Promise<void> {
  await tx.query(
    `update hookline.lanes lane
        set records = there.records, bytes = there.bytes
       from (select ordering_key, count(*) as records, sum(octet_length(body)) as bytes
               from hookline.lane_deliveries
              where consumer_group = $1 and topic = $2 and ordering_key = any($3::text[])
              group by ordering_key) as there
      where lane.consumer_group = $1 and lane.topic = $2 and lane.ordering_key = there.ordering_key`,
    [...place, merged.map(({ orderingKey }) => orderingKey)],
  );
}
