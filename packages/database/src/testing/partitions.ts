import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

export const PLACE = { consumerGroup: 'hookline-processor', topic: 'github.deliveries', partition: 1 };

/** Puts a partition's row where a test begins. */
export async function givePartition(on: Queryable, fence: Fence, nextOffset = 0n): Promise<void> {
  await on.query(
    `insert into hookline.partition_offsets (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
     values ($1, $2, $3, $4, $5, 'test')`,
    [fence.consumerGroup, fence.topic, fence.partition, nextOffset, fence.epoch],
  );
}

export async function readPartition(
  on: Queryable,
  place: Omit<Fence, 'epoch'>,
): Promise<{ next_offset: string; epoch: string; owner: string } | undefined> {
  const { rows } = await on.query<{ next_offset: string; epoch: string; owner: string }>(
    `select next_offset, epoch, owner from hookline.partition_offsets
      where consumer_group = $1 and topic = $2 and kafka_partition = $3`,
    [place.consumerGroup, place.topic, place.partition],
  );
  return rows[0];
}
