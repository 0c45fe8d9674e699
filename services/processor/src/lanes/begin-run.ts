import { setTimeout as delay } from 'node:timers/promises';
import {
  cancelRun,
  checkEpoch,
  commit,
  fenceApplicationName,
  readLane,
  rollback,
  startRun,
  transaction,
  type FencedOut,
  type LaneDelivery,
} from '@hookline/database';
import { runTogether, type Take } from './decide-take.ts';
import { startOf } from './lane-records.ts';
import type { OwnedLanes } from './lane-settings.ts';

/**
 * Reads what the next run of a lane takes, and notes the run, in one small transaction: a process that dies of a record
 * leaves nothing else behind that could tell. Nobody but us removes records of the lane, so that they need not be read
 * again in the transaction that runs them.
 *
 * Not aborted when the partition is lost: only who knows whether the note is there can take it back.
 *
 * @param isNoted whether a run of these records is noted; a last run notes its handlers one by one
 */
export function beginRun(
  { database, fence, transaction: options, owner, limits }: OwnedLanes,
  orderingKey: string,
  { records: most, before }: Take,
  isNoted: (records: readonly LaneDelivery[]) => boolean,
): Promise<{ success: true; records: LaneDelivery[] } | FencedOut> {
  const named = { ...options, applicationName: fenceApplicationName(fence) };
  return transaction<{ success: true; records: LaneDelivery[] } | FencedOut>(database, named, async (tx) => {
    if (!(await checkEpoch(tx, fence))) return rollback({ success: false, reason: 'FENCED', epoch: null });
    const read = await readLane(tx, fence, orderingKey, { records: most, bytes: limits.bytes });
    const records = runTogether(before === null ? read : read.filter(({ position }) => position < before));
    const [head] = records;
    if (head && isNoted(records)) {
      await startRun(tx, fence, owner, {
        ...startOf(orderingKey),
        firstPosition: head.position,
        records: records.length,
      });
    }
    return commit({ success: true, records });
  });
}

const CANCEL_TRIES = 5;
const CANCEL_RETRY_MS = 200;
const CANCEL_WITHIN_MS = 2000;

/**
 * Takes the note of a run back that was given up: its process is alive. Without the fence, since the partition may be
 * lost. The heir waits for it before it blames anybody; where the database cannot be reached for longer, a death is
 * counted that was none. Never rejects, and holds nobody up for long.
 */
export async function giveRunUp(lanes: OwnedLanes, orderingKey: string): Promise<void> {
  const bound = new AbortController();
  const waited = delay(CANCEL_WITHIN_MS, undefined, { signal: bound.signal }).catch(() => {});
  await Promise.race([cancel(lanes, orderingKey), waited]);
  bound.abort();
}

async function cancel({ database, fence, owner, events }: OwnedLanes, orderingKey: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await cancelRun(database, fence, owner, startOf(orderingKey));
    } catch (error) {
      if (tries === CANCEL_TRIES) return events.startNotCancelled(fence, orderingKey, error);
      await delay(CANCEL_RETRY_MS);
    }
  }
}
