import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';

/** What the database knows of a partition. */
export interface StoredPartition {
  partition: number;
  nextOffset: bigint;
  epoch: bigint;
  incarnation: number;
  owner: string;
  /** Its owner has begun work and not ended cleanly, or is at work. */
  dirty: boolean;
  /** Keys that wait, how many of them for an operator, and what waits in them. */
  lanes: number;
  heldLanes: number;
  waitingRecords: number;
  waitingBytes: number;
}

/** The partitions of a group's topic that have ever been taken over, by number. */
export async function readPartitions(
  database: Queryable,
  { consumerGroup, topic }: Omit<PartitionPlace, 'partition'>,
): Promise<StoredPartition[]> {
  const { rows } = await database.query<{
    kafka_partition: number;
    next_offset: string;
    epoch: string;
    incarnation: number;
    owner: string;
    dirty: boolean;
    lanes: string;
    held: string;
    records: string;
    bytes: string;
  }>(
    `select stored.kafka_partition, next_offset, epoch, incarnation, owner, dirty, waiting.*
       from hookline.partition_offsets stored
      cross join lateral (
            select count(*) as lanes, count(*) filter (where state = 'held') as held,
                   coalesce(sum(records), 0) as records, coalesce(sum(bytes), 0) as bytes
              from hookline.lanes
             where consumer_group = stored.consumer_group and topic = stored.topic
               and kafka_partition = stored.kafka_partition) as waiting
      where consumer_group = $1 and topic = $2
      order by stored.kafka_partition`,
    [consumerGroup, topic],
  );
  return rows.map((row) => ({
    partition: row.kafka_partition,
    nextOffset: BigInt(row.next_offset),
    epoch: BigInt(row.epoch),
    incarnation: row.incarnation,
    owner: row.owner,
    dirty: row.dirty,
    lanes: Number(row.lanes),
    heldLanes: Number(row.held),
    waitingRecords: Number(row.records),
    waitingBytes: Number(row.bytes),
  }));
}
