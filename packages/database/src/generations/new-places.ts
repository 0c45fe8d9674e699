import type { Queryable } from '../database.ts';
import type { GenerationMove } from './generation-move.ts';

/** Where everything goes that waits of a generation. */
export interface NewPlaces {
  consumerGroup: string;
  from: string;
  to: string;
  /** Number of partitions of the new topic. */
  partitions: number;
  /** Every key that something waits under, and the new partition of each, at the same index. */
  keys: string[];
  partitionOfKey: number[];
}

/**
 * Computes the new partition of each key, by our own rule and not by SQL, and gives each old log that something is of an
 * incarnation of its own. Under the old fences: no key can come.
 */
export async function makeNewPlaces(
  tx: Queryable,
  { consumerGroup, from, to, partitionOf }: GenerationMove,
  partitions: number,
): Promise<NewPlaces> {
  const { rows } = await tx.query<{ ordering_key: string }>(
    `select ordering_key from hookline.lanes where consumer_group = $1 and topic = $2
      union
     select ordering_key from hookline.held_deliveries where consumer_group = $1 and topic = $2
      union
     select ordering_key from hookline.dead_deliveries
      where consumer_group = $1 and topic = $2 and ordering_key is not null
      union
     select ordering_key from hookline.outbox where consumer_group = $1 and topic = $2`,
    [consumerGroup, from],
  );
  const keys = rows.map((row) => row.ordering_key);
  await nameFormerLogs(tx, { consumerGroup, from, to });
  return { consumerGroup, from, to, partitions, keys, partitionOfKey: keys.map(partitionOf) };
}

async function nameFormerLogs(
  tx: Queryable,
  { consumerGroup, from, to }: Pick<GenerationMove, 'consumerGroup' | 'from' | 'to'>,
): Promise<void> {
  await tx.query(
    `insert into hookline.former_logs (consumer_group, topic, kafka_partition, former_incarnation, moved_to)
     select distinct $1, $2, kafka_partition, named.incarnation, $3
       from (select kafka_partition, array[incarnation, dead_incarnation] as incarnations
               from hookline.lane_deliveries where consumer_group = $1 and topic = $2
              union all
             select kafka_partition, array[incarnation, seen_incarnation]
               from hookline.held_deliveries where consumer_group = $1 and topic = $2
              union all
             select kafka_partition, array[incarnation, seen_incarnation]
               from hookline.dead_deliveries where consumer_group = $1 and topic = $2
              union all
             select kafka_partition, array[incarnation]
               from hookline.outbox where consumer_group = $1 and topic = $2) as waiting
      cross join unnest(incarnations) as named (incarnation)
      where named.incarnation is not null`,
    [consumerGroup, from, to],
  );
}

/** The new incarnation of an old one, in SQL: of a column of the row to be moved, named `old`. $1 and $2: as `placed`. */
export function newIncarnation(column: string): string {
  return `(select former.incarnation
             from hookline.former_logs former
            where former.consumer_group = $1 and former.topic = $2 and former.kafka_partition = old.kafka_partition
              and former.former_incarnation = old.${column})`;
}

/** The values of $1 to $5 of every statement that moves rows: group, old and new topic, keys, new partitions. */
export function placed({ consumerGroup, from, to, keys, partitionOfKey }: NewPlaces): unknown[] {
  return [consumerGroup, from, to, keys, partitionOfKey];
}
