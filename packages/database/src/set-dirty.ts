import type { Queryable } from './database.ts';
import type { Fence } from './fence.ts';

/**
 * Marks the partition as one whose owner has begun work, before the first slice of an ownership: if the process dies,
 * the next owner knows that a record can have killed it. False: the epoch is another owner's.
 */
export async function setDirty(database: Queryable, fence: Fence): Promise<boolean> {
  const { rowCount } = await database.query(
    `update hookline.partition_offsets
        set dirty = true
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and epoch = $4`,
    [fence.consumerGroup, fence.topic, fence.partition, fence.epoch],
  );
  return rowCount === 1;
}

/**
 * Takes the mark back: this owner has ended its work and is alive. Changes nothing when another has taken over since,
 * who has read the mark already. Only for who has set it: a mark that was found is of somebody who died.
 */
export async function clearDirty(database: Queryable, fence: Fence, owner: string): Promise<void> {
  await database.query(
    `update hookline.partition_offsets
        set dirty = false
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and epoch = $4 and owner = $5`,
    [fence.consumerGroup, fence.topic, fence.partition, fence.epoch, owner],
  );
}
