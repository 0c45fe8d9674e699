import { findOpenLanes, openLanes, readLaneBytes, type Fence, type Queryable } from '@hookline/database';
import type { LaneLimits } from '../slice/lane-room.ts';
import { UNTRIED } from '../slice/write-outcome.ts';

/** Opens the lane of a key where there is none; false: it is full. A lane with nothing in it takes one record. */
export async function makeLane(
  tx: Queryable,
  fence: Fence,
  orderingKey: string,
  bytes: number,
  limits: LaneLimits,
): Promise<boolean> {
  const lane = (await findOpenLanes(tx, fence, [orderingKey])).get(orderingKey);
  const totalBytes = await readLaneBytes(tx, fence);
  if (totalBytes > 0 && totalBytes + bytes > limits.totalBytes) return false;
  if (lane && lane.records > 0 && lane.bytes + bytes > limits.keyBytes) return false;
  if (!lane) await openLanes(tx, fence, [{ orderingKey, ...UNTRIED }]);
  return true;
}
