import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/** Makes the next try of lanes due now; attempts are kept, and held lanes wait on. One round trip. */
export async function hastenLanes(tx: Queryable, fence: Fence, orderingKeys: readonly string[]): Promise<void> {
  if (orderingKeys.length === 0) return;
  await tx.query(
    `update hookline.lanes
        set due_at = least(due_at, now())
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = any ($4)
        and state = 'retrying'`,
    [fence.consumerGroup, fence.topic, fence.partition, orderingKeys],
  );
}
