import {
  findIdentities,
  findOpenLanes,
  findWaiting,
  type Fence,
  type OpenLane,
  type Queryable,
} from '@hookline/database';
import type { WaitingDelivery } from '@hookline/database';
import { isDelivery, type LogRecord } from './record.ts';

/** What the database knows of a slice's records, by identity key and by ordering key. */
export interface KnownOfSlice {
  claimed: Set<string>;
  lanes: Map<string, OpenLane>;
  waiting: Map<string, WaitingDelivery>;
}

/**
 * Reads it under the fence, so that it stays true until COMMIT. Two round trips; a third only where a lane is open: an
 * identity waits nowhere but in the lane of its own key.
 */
export async function readKnown(tx: Queryable, fence: Fence, records: readonly LogRecord[]): Promise<KnownOfSlice> {
  const deliveries = records.filter(isDelivery);
  const claimed = await findIdentities(
    tx,
    deliveries.map(({ delivery }) => delivery),
  );
  const lanes = await findOpenLanes(tx, fence, [...new Set(deliveries.map(({ orderingKey }) => orderingKey))]);
  const behind = deliveries.filter(({ orderingKey }) => lanes.has(orderingKey));
  const waiting = await findWaiting(
    tx,
    fence,
    behind.map(({ delivery }) => delivery),
  );
  return { claimed, lanes, waiting };
}
