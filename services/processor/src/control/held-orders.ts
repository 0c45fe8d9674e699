import {
  claimIdentities,
  findIdentities,
  findWaiting,
  readHeldPlace,
  releaseHeld,
  settleHeld,
  type Fence,
  type HeldPlaceState,
  type Queryable,
} from '@hookline/database';
import { applied, refused, type Applied, type ApplySettings, type TargetOf } from './applied.ts';

/** What is held runs after all, in the lane of its key, or is discarded. */
export async function decideHeld(
  tx: Queryable,
  fence: Fence,
  target: TargetOf<'release-replay' | 'discard-replay'>,
  { makeLanes }: ApplySettings,
): Promise<Applied> {
  const held = await readHeldPlace(tx, fence, target);
  if (!held || held.orderingKey !== target.orderingKey) return refused('It is not held.');
  if (held.state === 'discarded')
    return refused('It was discarded before, and its body is gone: there is nothing to run.');
  if (held.state === 'released') return refused('It was released before.');
  if (held.generation !== target.generation) {
    return refused(`It is held for the ${held.generation}. time, and was decided on for the ${target.generation}.`);
  }
  if (target.command === 'discard-replay') return discardHeld(tx, fence, held);
  const { orderingKey, storedBytes } = held;
  if (storedBytes === null) return refused('Its body was erased: there is nothing to run.');
  if ((await makeLanes([{ orderingKey, bytes: storedBytes }])) === 0) return { outcome: 'no-room' };
  await releaseHeld(tx, fence, held);
  return applied('It will run in the lane of its key.', [{ decision: 'released', about: held }], 0);
}

/**
 * Its identity is claimed, so that it does not run when it arrives again; unless it is known under another event: claimed,
 * or waiting, so that it will be.
 */
async function discardHeld(tx: Queryable, fence: Fence, held: HeldPlaceState): Promise<Applied> {
  const known = await findIdentities(tx, fence, [held]);
  const { topic, partition } = fence;
  const waiting = await findWaiting(tx, fence, [held]);
  if (!known.get(0)?.claim && !waiting.some(({ guid }) => guid === held.guid)) {
    await claimIdentities(tx, [{ ...held, ...held.place, topic, partition, outcome: 'discarded' }]);
  }
  await settleHeld(tx, fence, held, 'discarded');
  return applied('It is discarded.', [{ decision: 'discarded', about: held }]);
}
