import { noteDeath, settleLetters, type Fence, type LaneDelivery, type Queryable } from '@hookline/database';
import type { LastRun } from './decide-lane.ts';

/**
 * A dead delivery that was to run again leaves its lane: the handlers that have run are dead no more, and what has not (it is
 * there no more, or an operator has set the run aside) is dead as before. Those that failed again are dead already.
 */
export async function settleAgain(
  tx: Queryable,
  fence: Fence,
  { place, handlers }: NonNullable<LaneDelivery['dead']>,
  noted: LastRun,
): Promise<void> {
  const done = handlers.filter((name) => noted[name] === 'processed');
  if (done.length > 0) await settleLetters(tx, fence, place, done, { from: 'waiting', to: 'redriven' });
  if (done.length < handlers.length) {
    await settleLetters(tx, fence, place, handlers, { from: 'waiting', to: 'dead' });
    await noteDeath(tx, fence, place);
  }
}
