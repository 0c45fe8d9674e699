import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { chosenLetter, LETTERS_WITH_DELIVERIES, type DeadTargetFilter } from './dead-target-filter.ts';

/** How much a decision about dead letters is about. */
export interface DeadTargetPlan {
  /** By the database's clock, to the next millisecond; what dies, or is discarded, later is not in it. */
  at: Date;
  letters: number;
  deliveries: number;
  /** Ordering keys; records that are no deliveries have none. */
  keys: number;
  /** The logs that they are of, partition by partition, those of a partition as they followed each other. */
  logs: DeadLog[];
  /** The largest first, at most as many as were asked for. */
  errors: { handler: string | null; fingerprint: string; message: string; letters: number; keys: number }[];
  largestKeys: { orderingKey: string | null; letters: number }[];
}

/** A log that a partition has, or has had: of before the topic was made anew, or of a former topic generation. */
export interface DeadLog {
  partition: number;
  incarnation: number;
}

/** Counts the dead letters that are chosen: in all, by handler and error, by ordering key, by log. Four statements. */
export async function planDeadTargets(
  database: Queryable,
  { consumerGroup, topic }: Omit<PartitionPlace, 'partition'>,
  filter: DeadTargetFilter,
  limit: number,
): Promise<DeadTargetPlan> {
  const values: unknown[] = [consumerGroup, topic];
  const chosen = `${LETTERS_WITH_DELIVERIES}
      where consumer_group = $1 and topic = $2 and ${chosenLetter(filter, values)}`;
  const total = await database.query<{
    at: Date;
    letters: string;
    deliveries: string;
    keys: string;
  }>(
    `select date_trunc('milliseconds', now()) + interval '1 ms' as at, count(*) as letters, count(distinct (kafka_partition, incarnation, kafka_offset)) as deliveries,
            count(distinct dead.ordering_key) as keys
       from ${chosen}`,
    values,
  );
  const errors = await database.query<{
    handler: string | null;
    fingerprint: string;
    message: string;
    letters: string;
    keys: string;
  }>(
    `select handler, error_fingerprint as fingerprint, min(error_message) as message, count(*) as letters,
            count(distinct dead.ordering_key) as keys
       from ${chosen}
      group by handler, error_fingerprint
      order by count(*) desc, handler, error_fingerprint
      limit ${limit}`,
    values,
  );
  const keys = await database.query<{ ordering_key: string | null; letters: string }>(
    `select dead.ordering_key, count(*) as letters
       from ${chosen}
      group by dead.ordering_key
      order by count(*) desc, dead.ordering_key
      limit ${limit}`,
    values,
  );
  // By time: incarnations of former topic generations are numbered in no order.
  const logs = await database.query<{ kafka_partition: number; incarnation: number }>(
    `select kafka_partition, incarnation
       from ${chosen}
      group by kafka_partition, incarnation
      order by kafka_partition, min(dead.appended_at), incarnation`,
    values,
  );
  const { at, ...counts } = total.rows[0] as (typeof total.rows)[number];
  return {
    at,
    letters: Number(counts.letters),
    deliveries: Number(counts.deliveries),
    keys: Number(counts.keys),
    logs: logs.rows.map((row) => ({ partition: row.kafka_partition, incarnation: row.incarnation })),
    errors: errors.rows.map((row) => ({ ...row, letters: Number(row.letters), keys: Number(row.keys) })),
    largestKeys: keys.rows.map((row) => ({ orderingKey: row.ordering_key, letters: Number(row.letters) })),
  };
}
