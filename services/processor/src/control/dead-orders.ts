import {
  readDeadPlaces,
  renewClaims,
  runDeadAgain,
  settleLetters,
  type DeadPlaceState,
  type DecidedPlace,
  type Fence,
  type Queryable,
} from '@hookline/database';
import { applied, refused, type Applied, type ApplySettings, type TargetOf } from './applied.ts';

type DeadTarget = TargetOf<'redrive' | 'discard'>;

/** What a decision was made on. */
const stateOf = ({ state }: DeadTarget) => state ?? 'dead';

/**
 * Dead handlers of deliveries run again, in the lanes of their keys, and so do discarded ones where that is decided. What
 * became of each, in their order, up to the first for which its lane has no room.
 *
 * @param targets each of another place
 */
export async function redrive(
  tx: Queryable,
  fence: Fence,
  targets: readonly DeadTarget[],
  { makeLanes }: ApplySettings,
): Promise<Applied[]> {
  const places = await readDeadPlaces(tx, fence, targets.map(placeOf));
  const found = targets.map((target, i) => findRunnable(places[i] ?? null, target));
  const runnable = found.filter((one) => one.problem === null);
  const fitting = runnable.slice(
    0,
    await makeLanes(runnable.map(({ orderingKey, storedBytes }) => ({ orderingKey, bytes: storedBytes }))),
  );
  await runDeadAgain(
    tx,
    fence,
    fitting.map(({ orderingKey, place, handlers }) => ({
      ...{ run: 'redrive', orderingKey, place, handlers, from: place.state, seen: null },
    })),
  );
  await renewClaims(
    tx,
    fence,
    fitting.flatMap(({ place }) => (place.state === 'discarded' ? [place] : [])),
  );
  const fits = new Set<object>(fitting);
  const ends = found.map((one): Applied => {
    if (one.problem !== null) return refused(one.problem);
    if (!fits.has(one)) return { outcome: 'no-room' };
    const done = one.handlers.map((handler) => ({ decision: 'redriven' as const, about: one.dead, handler }));
    const though = one.place.state === 'discarded' ? ', though it was discarded' : '';
    return applied(`${one.handlers.join(', ')} will run in the lane of its key${though}.`, done, 0);
  });
  const full = ends.findIndex(({ outcome }) => outcome === 'no-room');
  return full < 0 ? ends : ends.slice(0, full + 1);
}

/** What of a place is to run again, or why nothing is. Pure. */
function findRunnable(place: DeadPlaceState | null, target: DeadTarget) {
  const found = findDead(place, target);
  if (found.problem !== null) return found;
  const { dead } = found;
  const handlers = found.handlers.filter((name) => name !== null);
  const { orderingKey, storedBytes } = dead;
  if (handlers.length === 0 || orderingKey === null) return { problem: 'No handler could be asked to run it.' };
  if (storedBytes === null) return { problem: 'Its body was erased: there is nothing to run.' };
  if (!dead.isKnown) return { problem: 'Nothing claims it as dead any more: it may have run anew since.' };
  return { problem: null, dead, handlers, orderingKey, storedBytes, place: placeOf(target) };
}

function placeOf(target: DeadTarget): DecidedPlace {
  return { incarnation: target.incarnation, offset: target.offset, state: stateOf(target) };
}

/** Dead letters are settled without a run. */
export async function discard(tx: Queryable, fence: Fence, target: DeadTarget): Promise<Applied> {
  const [kept] = await readDeadPlaces(tx, fence, [placeOf(target)]);
  const found = findDead(kept ?? null, target);
  if (found.problem !== null) return refused(found.problem);
  const { dead, handlers } = found;
  const named = handlers.filter((name) => name !== null);
  const all = named.length < handlers.length ? null : named;
  await settleLetters(tx, fence, target, all, { from: 'dead', to: 'discarded' });
  const done = handlers.map((handler) => ({ decision: 'discarded' as const, about: dead, handler }));
  return applied(`${handlers.length} dead letters are discarded.`, done);
}

/** What of a place is meant, or why it is not as it was decided on. Pure. */
function findDead(dead: DeadPlaceState | null, target: DeadTarget) {
  const problem = deadProblem(dead, target);
  if (problem !== null || dead === null) return { problem: problem ?? '' };
  return { problem: null, dead, handlers: target.handlers.length > 0 ? [...new Set(target.handlers)] : dead.handlers };
}

const NONE = {
  dead: 'None of its dead letters is open any more.',
  discarded: 'None of its dead letters is discarded any more.',
};

function deadProblem(dead: DeadPlaceState | null, target: DeadTarget): string | null {
  const { orderingKey, generation, handlers } = target;
  const state = stateOf(target);
  if (!dead || dead.orderingKey !== orderingKey) return 'Nothing is kept of that place.';
  if (dead.handlers.length === 0) return NONE[state];
  if (dead.generation !== generation) {
    return `Its dead letters are of generation ${dead.generation}, and were of ${generation} when it was decided.`;
  }
  const other = handlers.find((name) => !dead.handlers.includes(name));
  return other === undefined ? null : `Handler ${other} is not ${state} there.`;
}
