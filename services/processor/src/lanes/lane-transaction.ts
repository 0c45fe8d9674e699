import { setTimeout as delay } from 'node:timers/promises';
import {
  blocksItsOwner,
  checkEpoch,
  commit,
  fenceApplicationName,
  fencedTransaction,
  isRunningHead,
  lockFenceLate,
  rollback,
  transaction,
  writeOutbox,
  type EffectToWrite,
  type FencedOut,
  type LaneRecordName,
  type Queryable,
} from '@hookline/database';
import type { OwnedLanes } from './lane-settings.ts';

/**
 * The lane did not get its partition's turn in time, a slice was waiting for it, or an operator has held it or set its head
 * aside meanwhile: nothing was written.
 */
export interface GaveWay {
  success: false;
  reason: 'GAVE_WAY';
}

/** Handlers have run; nothing is committed. */
export interface Ran {
  success: true;
  effects: EffectToWrite[];
}

/** The head of a lane, or the first of the records that are run together. */
type RunningHead = LaneRecordName;

/** How long a lane that has run its handlers waits for the turn. A slice of many records needs a part of that. */
const TURN_MS = 5000;
/** How soon a lane looks whether the slice that has the turn waits for a row of the lane's. */
const LOOK_MS = 100;

/**
 * Handlers first, then the fence and their effects: a partition goes on while a lane's handler takes its time. The epoch is looked at in
 * the beginning without a lock, and the fence locked at the end, for the writes that `complete` makes and COMMIT.
 *
 * The turn is what makes this order safe. A lane has rows of users before it has the fence, a slice has the fence before
 * it has rows of users: in PostgreSQL alone they would deadlock. The slice goes on; the lane gives way, and nobody is
 * blamed.
 *
 * @param head what is run, which must be the head of its lane still when its outcome is written
 * @param work runs handlers; a failure that it returns is rolled back
 * @param complete under the fence, behind the effects that the handlers have asked for
 */
export async function handlersThenFence<F extends { success: false }, T>(
  lanes: OwnedLanes,
  head: RunningHead,
  work: (tx: Queryable) => Promise<F | Ran>,
  complete: (tx: Queryable) => Promise<T>,
): Promise<{ success: true; value: T } | F | FencedOut | GaveWay> {
  const { database, fence, signal } = lanes;
  let over = false;
  let effects = 0;
  let giveBack: () => void = () => {};
  try {
    const options = { ...lanes.transaction, applicationName: fenceApplicationName(fence), signal };
    type End = { success: true; value: T } | F | FencedOut | GaveWay;
    const end = await transaction<End>(database, options, async (tx) => {
      if (!(await checkEpoch(tx, fence))) return rollback({ success: false, reason: 'FENCED', epoch: null });
      const ran = await work(tx);
      if (!ran.success) return rollback(ran);
      const turn = await takeTurn(lanes, tx);
      if (!turn) return rollback({ success: false, reason: 'GAVE_WAY' });
      giveBack = turn;
      // An abort ends the transaction at once, and this work goes on by itself: the turn must not stay with it.
      if (over) turn();
      const locked = await lockFenceLate(tx, fence);
      if (!locked.success) return rollback(locked);
      if (!(await isRunningHead(tx, fence, head))) {
        return rollback({ success: false, reason: 'GAVE_WAY' });
      }
      effects = await writeOutbox(tx, fence, ran.effects);
      return commit({ success: true, value: await complete(tx) });
    });
    if (end.success && effects > 0) lanes.hintRelays();
    return end;
  } finally {
    over = true;
    giveBack();
  }
}

/** A short fenced transaction of a lane, without handlers. It holds nothing that a slice could want, so it waits. */
export async function fencedStep<T>(
  { database, fence, turn, signal, transaction: options }: OwnedLanes,
  head: RunningHead,
  work: (tx: Queryable) => Promise<T>,
): Promise<{ success: true; value: T } | FencedOut | GaveWay> {
  const giveBack = await turn.take(signal);
  try {
    type End = { success: true; value: T } | GaveWay;
    return await fencedTransaction<End>(database, fence, { ...options, signal }, async (tx) =>
      (await isRunningHead(tx, fence, head))
        ? commit({ success: true, value: await work(tx) })
        : rollback({ success: false, reason: 'GAVE_WAY' }),
    );
  } finally {
    giveBack();
  }
}

/** Null: the lane has to give way. */
async function takeTurn({ turn, fence, signal }: OwnedLanes, tx: Queryable): Promise<(() => void) | null> {
  const waiting = new AbortController();
  const watching = watch();
  try {
    return await turn.takeWithin(TURN_MS, AbortSignal.any([signal, waiting.signal]));
  } catch {
    signal.throwIfAborted();
    return null;
  } finally {
    waiting.abort();
    await watching;
  }

  async function watch(): Promise<void> {
    try {
      for (;;) {
        await delay(LOOK_MS, undefined, { signal: waiting.signal });
        if (await blocksItsOwner(tx, fence)) return waiting.abort();
      }
    } catch {
      // It has the turn, or no longer waits; a connection that broke shows at the next statement.
    }
  }
}
