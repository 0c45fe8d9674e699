import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LastRun } from './read-lane.ts';

/**
 * Notes what becomes of one handler in a delivery's last run; the notes of the others stay. The database's row is
 * rewritten without its body, which is stored apart.
 *
 * @throws when there is no such delivery
 */
export async function noteLastRun(
  tx: Queryable,
  fence: Fence,
  orderingKey: string,
  position: bigint,
  handler: string,
  outcome: LastRun[string],
): Promise<void> {
  const { rowCount } = await tx.query(
    `update hookline.lane_deliveries
        set last_run = coalesce(last_run, '{}') || jsonb_build_object($6::text, $7::text)
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4 and position = $5`,
    [fence.consumerGroup, fence.topic, fence.partition, orderingKey, position, handler, outcome],
  );
  if (rowCount !== 1) throw new Error(`There is no record at position ${position} of the lane of ${orderingKey}.`);
}
