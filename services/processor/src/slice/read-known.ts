import {
  allAnswered,
  findDeadIdentities,
  findIdentities,
  findOpenLanes,
  findWaiting,
  type DeadIdentity,
  type Fence,
  type KnownIdentity,
  type OpenLane,
  type Queryable,
  type WaitingDelivery,
} from '@hookline/database';
import { isDelivery, type DeliveryRecord, type LogRecord } from './record.ts';

/** What the database knows of a slice's records, by their offsets. */
export interface KnownOfSlice {
  identities: Map<bigint, KnownIdentity>;
  /** By ordering key. */
  lanes: Map<string, OpenLane>;
  waiting: Map<bigint, WaitingDelivery>;
  /** Of the same payload, one that waits under another GUID. */
  waitingPayloads: Map<bigint, WaitingDelivery>;
  dead: Map<bigint, DeadIdentity>;
}

/**
 * Reads it under the fence, so that it stays true until COMMIT. One round trip; a second only where a lane is open, since an
 * identity waits nowhere but in the lane of its own key, and one where a delivery has died before.
 */
export async function readKnown(tx: Queryable, fence: Fence, records: readonly LogRecord[]): Promise<KnownOfSlice> {
  const deliveries = records.filter(isDelivery);
  const [found, lanes] = await allAnswered([
    findIdentities(
      tx,
      fence,
      deliveries.map(({ delivery }) => delivery),
    ),
    findOpenLanes(tx, fence, [...new Set(deliveries.map(({ orderingKey }) => orderingKey))]),
  ]);
  const identities = byOffset(deliveries, found);
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
  return { identities, lanes, ...waits, dead: byOffset(died, dead) };
}

function byOffset<T>(records: readonly DeliveryRecord[], found: ReadonlyMap<number, T>): Map<bigint, T> {
  return new Map([...found].map(([index, known]) => [(records[index] as DeliveryRecord).offset, known]));
}

async function readWaiting(tx: Queryable, fence: Fence, behind: readonly DeliveryRecord[]) {
  const found = await findWaiting(
    tx,
    fence,
    behind.map(({ delivery }) => delivery),
  );
  const waiting = new Map<bigint, WaitingDelivery>();
  const waitingPayloads = new Map<bigint, WaitingDelivery>();
  for (const one of found) {
    const record = behind[one.index] as DeliveryRecord;
    if (one.guid === record.delivery.guid) waiting.set(record.offset, one);
    else waitingPayloads.set(record.offset, one);
  }
  return { waiting, waitingPayloads };
}
