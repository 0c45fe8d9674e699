import { findOpenLanes, openLanes, readLaneBytes, type Fence, type Queryable } from '@hookline/database';
import { hasRoom, type LaneLimits } from '../slice/lane-room.ts';
import { UNTRIED } from '../slice/write-outcome.ts';

/** Opens the lane of a key where there is none, for so many bytes more; false: there is no room for them. */
export type MakeLane = (orderingKey: string, bytes: number) => Promise<boolean>;

/** Of one transaction. What waits in all lanes is asked for once, as for a slice: it is a sum over all of them. */
export function createMakeLane(tx: Queryable, fence: Fence, limits: LaneLimits): MakeLane {
  let totalBytes: number | undefined;
  return async (orderingKey, bytes) => {
    const lane = (await findOpenLanes(tx, fence, [orderingKey])).get(orderingKey);
    totalBytes ??= await readLaneBytes(tx, fence);
    if (!hasRoom(bytes, lane, totalBytes, limits)) return false;
    if (!lane) await openLanes(tx, fence, [{ orderingKey, ...UNTRIED }]);
    totalBytes += bytes;
    return true;
  };
}
