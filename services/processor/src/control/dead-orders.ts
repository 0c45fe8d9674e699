import { readDeadPlace, runDeadAgain, settleLetters, type Fence, type Queryable } from '@hookline/database';
import { applied, refused, type Applied, type ApplySettings, type TargetOf } from './applied.ts';

/** Dead handlers of a delivery run again, in the lane of its key. */
export async function redrive(
  tx: Queryable,
  fence: Fence,
  target: TargetOf<'redrive' | 'discard'>,
  { makeLane }: ApplySettings,
): Promise<Applied> {
  const found = await findDead(tx, fence, target);
  if (found.problem !== null) return refused(found.problem);
  const { dead, handlers: chosen } = found;
  const handlers = chosen.filter((name) => name !== null);
  const { orderingKey, storedBytes } = dead;
  if (handlers.length === 0 || orderingKey === null) return refused('No handler could be asked to run it.');
  if (storedBytes === null) return refused('Its body was erased: there is nothing to run.');
  if (!(await makeLane(orderingKey, storedBytes))) return { outcome: 'no-room' };
  const place = { incarnation: target.incarnation, offset: target.offset };
  await runDeadAgain(tx, fence, [{ run: 'redrive', orderingKey, place, handlers, seen: null }]);
  const done = handlers.map((handler) => ({ decision: 'redriven' as const, about: dead, handler }));
  return applied(`${handlers.join(', ')} will run in the lane of its key.`, done, 0);
}

/** Dead letters are settled without a run. */
export async function discard(tx: Queryable, fence: Fence, target: TargetOf<'redrive' | 'discard'>): Promise<Applied> {
  const found = await findDead(tx, fence, target);
  if (found.problem !== null) return refused(found.problem);
  const { dead, handlers } = found;
  const named = handlers.filter((name) => name !== null);
  const place = { incarnation: target.incarnation, offset: target.offset };
  const all = named.length < handlers.length ? null : named;
  await settleLetters(tx, fence, place, all, { from: 'dead', to: 'discarded' });
  const done = handlers.map((handler) => ({ decision: 'discarded' as const, about: dead, handler }));
  return applied(`${handlers.length} dead letters are discarded.`, done);
}

async function findDead(tx: Queryable, fence: Fence, target: TargetOf<'redrive' | 'discard'>) {
  const dead = await readDeadPlace(tx, fence, target);
  const problem = deadProblem(dead, target);
  if (problem !== null || dead === null) return { problem: problem ?? '' };
  return { problem: null, dead, handlers: target.handlers.length > 0 ? [...new Set(target.handlers)] : dead.dead };
}

function deadProblem(
  dead: Awaited<ReturnType<typeof readDeadPlace>>,
  { orderingKey, generation, handlers }: TargetOf<'redrive' | 'discard'>,
): string | null {
  if (!dead || dead.orderingKey !== orderingKey) return 'Nothing is kept of that place.';
  if (dead.dead.length === 0) return 'None of its dead letters is open any more.';
  if (dead.generation !== generation) {
    return `Its dead letters are of generation ${dead.generation}, and were of ${generation} when it was decided.`;
  }
  const other = handlers.find((name) => !dead.dead.includes(name));
  return other === undefined ? null : `Handler ${other} is not dead there.`;
}
