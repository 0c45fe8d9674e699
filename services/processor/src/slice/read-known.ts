import {
  findDeadIdentities,
  findIdentities,
  findOpenLanes,
  findWaiting,
  identityKey,
  type DeadIdentity,
  type Fence,
  type KnownIdentity,
  type OpenLane,
  type Queryable,
  type WaitingDelivery,
} from '@hookline/database';
import { payloadKey } from './slice-memory.ts';
import { isDelivery, type DeliveryRecord, type LogRecord } from './record.ts';

/** What the database knows of a slice's records. */
export interface KnownOfSlice {
  /** By offset. */
  identities: Map<bigint, KnownIdentity>;
  /** By ordering key. */
  lanes: Map<string, OpenLane>;
  /** By identity. */
  waiting: Map<string, WaitingDelivery>;
  /** By payload: one that waits under another GUID. */
  waitingPayloads: Map<string, WaitingDelivery>;
  /** By identity. */
  dead: Map<string, DeadIdentity>;
}

/**
 * Reads it under the fence, so that it stays true until COMMIT. Two round trips; a third only where a lane is open, since
 * an identity waits nowhere but in the lane of its own key, and one where a delivery has died before.
 */
export async function readKnown(tx: Queryable, fence: Fence, records: readonly LogRecord[]): Promise<KnownOfSlice> {
  const deliveries = records.filter(isDelivery);
  const found = await findIdentities(
    tx,
    fence,
    deliveries.map(({ delivery }) => delivery),
  );
  const identities = new Map([...found].map(([index, known]) => [(deliveries[index] as DeliveryRecord).offset, known]));
  const lanes = await findOpenLanes(tx, fence, [...new Set(deliveries.map(({ orderingKey }) => orderingKey))]);
  const waits = await readWaiting(
    tx,
    fence,
    deliveries.filter(({ orderingKey }) => lanes.has(orderingKey)),
  );
  const died = deliveries.filter(({ offset }) => identities.get(offset)?.claim?.outcome === 'dead');
  const dead = await findDeadIdentities(
    tx,
    fence,
    died.map(({ delivery }) => delivery),
  );
  return { identities, lanes, ...waits, dead };
}

async function readWaiting(tx: Queryable, fence: Fence, behind: readonly DeliveryRecord[]) {
  const found = await findWaiting(
    tx,
    fence,
    behind.map(({ delivery }) => delivery),
  );
  const waiting = new Map<string, WaitingDelivery>();
  const waitingPayloads = new Map<string, WaitingDelivery>();
  for (const one of found) {
    const record = behind[one.index] as DeliveryRecord;
    if (one.guid === record.delivery.guid) waiting.set(identityKey(record.delivery), one);
    else waitingPayloads.set(payloadKey(record), one);
  }
  return { waiting, waitingPayloads };
}
