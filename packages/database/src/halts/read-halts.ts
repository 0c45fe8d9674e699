import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import type { PartitionHalt } from './halt.ts';

/** The halted partitions of a group's topic, by number. */
export async function readHalts(
  database: Queryable,
  { consumerGroup, topic }: Omit<PartitionPlace, 'partition'>,
): Promise<PartitionHalt[]> {
  const { rows } = await database.query<{
    kafka_partition: number;
    reason: string;
    detail: string;
    next_offset: string | null;
    log_start: string | null;
    log_end: string | null;
    committed: string | null;
    owner: string;
    halted_at: Date;
    is_present: boolean;
  }>(
    // Compared here: a Date has milliseconds, and a halt and a takeover can be in the same one.
    `select kafka_partition, reason, detail, halt.next_offset, log_start, log_end, committed, halt.owner, halted_at,
            coalesce(halted_at >= taken_over_at, true) as is_present
       from hookline.partition_halts halt
       left join hookline.partition_offsets stored using (consumer_group, topic, kafka_partition)
      where consumer_group = $1 and topic = $2
      order by kafka_partition`,
    [consumerGroup, topic],
  );
  return rows.map((row) => ({
    partition: row.kafka_partition,
    reason: row.reason,
    detail: row.detail,
    nextOffset: offset(row.next_offset),
    logStart: offset(row.log_start),
    logEnd: offset(row.log_end),
    committed: offset(row.committed),
    owner: row.owner,
    haltedAt: row.halted_at,
    isPresent: row.is_present,
  }));
}

const offset = (text: string | null) => (text === null ? null : BigInt(text));
