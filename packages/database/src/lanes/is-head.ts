import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/**
 * Whether a position is still the head of its lane, and the lane is to be run. Asked under the fence by whoever has run
 * that head meanwhile: an operator's command can have held the lane, or set its head aside.
 */
export async function isRunningHead(
  tx: Queryable,
  fence: Fence,
  orderingKey: string,
  position: bigint,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select
       from hookline.lanes
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4
        and head_position = $5 and state = 'retrying'`,
    [fence.consumerGroup, fence.topic, fence.partition, orderingKey, position],
  );
  return rowCount === 1;
}
