import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/**
 * Has a held lane run again: its head is due now; an empty one is closed.
 *
 * @returns whether it is closed
 * @throws when no lane of the key is held
 */
export async function releaseLane(tx: Queryable, fence: Fence, orderingKey: string): Promise<{ closed: boolean }> {
  const place = [fence.consumerGroup, fence.topic, fence.partition, orderingKey];
  const closed = await tx.query(
    `delete from hookline.lanes
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4
        and state = 'held' and records = 0`,
    place,
  );
  if (closed.rowCount === 1) return { closed: true };
  const released = await tx.query(
    `update hookline.lanes
        set state = 'retrying', due_at = now()
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4 and state = 'held'`,
    place,
  );
  if (released.rowCount !== 1) throw new Error(`There is no held lane of ${orderingKey}.`);
  return { closed: false };
}
