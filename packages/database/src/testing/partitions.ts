import type { Queryable } from '../database.ts';
import type { Fence, PartitionPlace } from '../fence.ts';

export const PLACE = { consumerGroup: 'hookline-processor', topic: 'github.deliveries', partition: 1 };

/** An owner of {@link PLACE}. */
export function fenceOf(epoch: bigint, given: Partial<Fence> = {}): Fence {
  return { ...PLACE, epoch, incarnation: 1, ...given };
}

/** Puts a partition's row where a test begins. */
export async function givePartition(on: Queryable, fence: Fence, nextOffset = 0n): Promise<void> {
  await on.query(
    `insert into hookline.partition_offsets (consumer_group, topic, kafka_partition, next_offset, epoch, owner, incarnation)
     values ($1, $2, $3, $4, $5, 'test', $6)`,
    [fence.consumerGroup, fence.topic, fence.partition, nextOffset, fence.epoch, fence.incarnation],
  );
}

export async function readPartition(
  on: Queryable,
  place: PartitionPlace,
): Promise<{ next_offset: string; epoch: string; owner: string } | undefined> {
  const { rows } = await on.query<{ next_offset: string; epoch: string; owner: string }>(
    `select next_offset, epoch, owner from hookline.partition_offsets
      where consumer_group = $1 and topic = $2 and kafka_partition = $3`,
    [place.consumerGroup, place.topic, place.partition],
  );
  return rows[0];
}
