import { findOpenLanes, openLanes, readLaneBytes, type Fence, type Queryable } from '@hookline/database';
import { hasRoom, type LaneLimits } from '../slice/lane-room.ts';
import { UNTRIED } from '../slice/write-outcome.ts';

/** So many bytes more, for the lane of a key. */
export interface Wanted {
  orderingKey: string;
  bytes: number;
}

/** Opens lanes where there are none, for as many of these in a row as there is room for; resolves to how many. */
export type MakeLanes = (wanted: readonly Wanted[]) => Promise<number>;

/** Of one transaction. What waits in all lanes is asked for once, as for a slice: it is a sum over all of them. */
export function createMakeLanes(tx: Queryable, fence: Fence, limits: LaneLimits): MakeLanes {
  let totalBytes: number | undefined;
  return async (wanted) => {
    const open = await findOpenLanes(tx, fence, [...new Set(wanted.map(({ orderingKey }) => orderingKey))]);
    totalBytes ??= await readLaneBytes(tx, fence);
    const fill = new Map<string, { records: number; bytes: number }>(open);
    let fitting = 0;
    for (const { orderingKey, bytes } of wanted) {
      const lane = fill.get(orderingKey);
      if (!hasRoom(bytes, lane, totalBytes, limits)) break;
      fill.set(orderingKey, { records: (lane?.records ?? 0) + 1, bytes: (lane?.bytes ?? 0) + bytes });
      totalBytes += bytes;
      fitting += 1;
    }
    const made = [...fill.keys()].filter((orderingKey) => !open.has(orderingKey));
    await openLanes(
      tx,
      fence,
      made.map((orderingKey) => ({ orderingKey, ...UNTRIED })),
    );
    return fitting;
  };
}
