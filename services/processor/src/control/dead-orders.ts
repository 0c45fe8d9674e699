import {
  readDeadPlaces,
  runDeadAgain,
  settleLetters,
  type DeadPlaceState,
  type Fence,
  type Queryable,
} from '@hookline/database';
import { applied, refused, type Applied, type ApplySettings, type TargetOf } from './applied.ts';

type DeadTarget = TargetOf<'redrive' | 'discard'>;

/**
 * Dead handlers of deliveries run again, in the lanes of their keys. What became of each, in their order, up to the first
 * for which its lane has no room.
 *
 * @param targets each of another place
 */
export async function redrive(
  tx: Queryable,
  fence: Fence,
  targets: readonly DeadTarget[],
  { makeLanes }: ApplySettings,
): Promise<Applied[]> {
  const places = await readDeadPlaces(tx, fence, targets);
  const found = targets.map((target, i) => findRunnable(places[i] ?? null, target));
  const runnable = found.filter((one) => one.problem === null);
  const fitting = runnable.slice(
    0,
    await makeLanes(runnable.map(({ orderingKey, storedBytes }) => ({ orderingKey, bytes: storedBytes }))),
  );
  await runDeadAgain(
    tx,
    fence,
    fitting.map(({ orderingKey, place, handlers }) => ({ run: 'redrive', orderingKey, place, handlers, seen: null })),
  );
  const fits = new Set<object>(fitting);
  const ends = found.map((one): Applied => {
    if (one.problem !== null) return refused(one.problem);
    if (!fits.has(one)) return { outcome: 'no-room' };
    const done = one.handlers.map((handler) => ({ decision: 'redriven' as const, about: one.dead, handler }));
    return applied(`${one.handlers.join(', ')} will run in the lane of its key.`, done, 0);
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
  const at = { incarnation: target.incarnation, offset: target.offset };
  return { problem: null, dead, handlers, orderingKey, storedBytes, place: at };
}

/** Dead letters are settled without a run. */
export async function discard(tx: Queryable, fence: Fence, target: DeadTarget): Promise<Applied> {
  const [kept] = await readDeadPlaces(tx, fence, [target]);
  const found = findDead(kept ?? null, target);
  if (found.problem !== null) return refused(found.problem);
  const { dead, handlers } = found;
  const named = handlers.filter((name) => name !== null);
  const place = { incarnation: target.incarnation, offset: target.offset };
  const all = named.length < handlers.length ? null : named;
  await settleLetters(tx, fence, place, all, { from: 'dead', to: 'discarded' });
  const done = handlers.map((handler) => ({ decision: 'discarded' as const, about: dead, handler }));
  return applied(`${handlers.length} dead letters are discarded.`, done);
}

/** What of a place is meant, or why it is not as it was decided on. Pure. */
function findDead(dead: DeadPlaceState | null, target: DeadTarget) {
  const problem = deadProblem(dead, target);
  if (problem !== null || dead === null) return { problem: problem ?? '' };
  return { problem: null, dead, handlers: target.handlers.length > 0 ? [...new Set(target.handlers)] : dead.dead };
}

function deadProblem(dead: DeadPlaceState | null, { orderingKey, generation, handlers }: DeadTarget): string | null {
  if (!dead || dead.orderingKey !== orderingKey) return 'Nothing is kept of that place.';
  if (dead.dead.length === 0) return 'None of its dead letters is open any more.';
  if (dead.generation !== generation) {
    return `Its dead letters are of generation ${dead.generation}, and were of ${generation} when it was decided.`;
  }
  const other = handlers.find((name) => !dead.dead.includes(name));
  return other === undefined ? null : `Handler ${other} is not dead there.`;
}
