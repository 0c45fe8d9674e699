import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/**
 * Has a lane wait for an operator. Before its last record is removed, in the same transaction: an empty lane that is
 * not held is closed.
 *
 * @throws when there is no such lane
 */
export async function holdLane(tx: Queryable, fence: Fence, orderingKey: string): Promise<void> {
  const { rowCount } = await tx.query(
    `update hookline.lanes
        set state = 'held'
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4`,
    [fence.consumerGroup, fence.topic, fence.partition, orderingKey],
  );
  if (rowCount !== 1) throw new Error(`There is no lane of ${orderingKey}.`);
}
