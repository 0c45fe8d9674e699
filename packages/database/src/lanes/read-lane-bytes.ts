import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/**
 * Stored bytes of all that waits, over all partitions of the group and topic. Others append meanwhile: what is compared
 * with a cap is what had been committed.
 */
export async function readLaneBytes(tx: Queryable, fence: Pick<Fence, 'consumerGroup' | 'topic'>): Promise<number> {
  const { rows } = await tx.query<{ bytes: string }>(
    'select coalesce(sum(bytes), 0) as bytes from hookline.lanes where consumer_group = $1 and topic = $2',
    [fence.consumerGroup, fence.topic],
  );
  return Number(rows[0]?.bytes);
}
