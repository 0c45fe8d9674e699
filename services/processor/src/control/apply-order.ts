import type { ControlOrder, ControlTarget, LaneState, OperatorDecision } from '@hookline/contracts';
import {
  claimIdentities,
  readHeldPlace,
  findIdentities,
  findLane,
  findOpenLanes,
  hastenLanes,
  holdLane,
  NO_DELIVERY,
  openLanes,
  readDeadPlace,
  readLaneBytes,
  releaseHeld,
  releaseLane,
  runDeadAgain,
  settleHeld,
  settleLetters,
  type AuditedDelivery,
  type Fence,
  type HeldPlaceState,
  type LaneTarget,
  type Queryable,
} from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import type { LaneLimits } from '../slice/lane-room.ts';
import { UNTRIED } from '../slice/write-outcome.ts';
import { skipHead } from './skip-head.ts';

export interface ApplySettings {
  handlers: readonly Handler[];
  lanes: LaneLimits;
}

/** What an order has done to one thing, for the audit. */
export interface Done {
  decision: OperatorDecision;
  about: AuditedDelivery;
  handler?: string | null;
}

export type Applied =
  | { outcome: 'applied'; detail: string; done: Done[]; laneDueInMs: number | null }
  /** The state is another than the one that it was decided on. */
  | { outcome: 'refused'; detail: string }
  /** What it puts into a lane has no room there. Nothing was written. */
  | { outcome: 'no-room' };

type Of<C extends ControlTarget['command']> = Extract<ControlTarget, { command: C }>;

/**
 * Does what an operator has decided, under the fence, if everything is still as it was decided on; else nothing. A run of
 * something goes into the lane of its key, which opens for it: there it is in order with what is behind it.
 *
 * Every state is looked at in this transaction, so that a command which comes a second time under another id finds the
 * state of the first.
 */
export function applyOrder(
  tx: Queryable,
  fence: Fence,
  { target }: ControlOrder,
  settings: ApplySettings,
): Promise<Applied> {
  switch (target.command) {
    case 'hold':
      return hold(tx, fence, target);
    case 'release':
      return release(tx, fence, target);
    case 'retry':
      return retry(tx, fence, target);
    case 'skip':
      return skip(tx, fence, target, settings);
    case 'redrive':
      return redrive(tx, fence, target, settings);
    case 'discard':
      return discard(tx, fence, target);
    case 'release-replay':
    case 'discard-replay':
      return decideHeld(tx, fence, target, settings);
  }
}

const refused = (detail: string): Applied => ({ outcome: 'refused', detail });

function applied(detail: string, done: Done[], laneDueInMs: number | null = null): Applied {
  return { outcome: 'applied', detail, done, laneDueInMs };
}

async function hold(tx: Queryable, fence: Fence, { orderingKey, state }: Of<'hold' | 'release'>): Promise<Applied> {
  const lane = await findLane(tx, fence, orderingKey);
  const changed = stateProblem(lane, state);
  if (changed !== null) return refused(changed);
  if (lane?.state === 'held') return refused(`${orderingKey} is held already.`);
  if (!lane) await openLanes(tx, fence, [{ orderingKey, ...UNTRIED }]);
  await holdLane(tx, fence, orderingKey);
  return applied(`${orderingKey} is held.`, [{ decision: 'held', about: { ...NO_DELIVERY, orderingKey } }]);
}

async function release(tx: Queryable, fence: Fence, { orderingKey, state }: Of<'hold' | 'release'>): Promise<Applied> {
  const lane = await findLane(tx, fence, orderingKey);
  const changed = stateProblem(lane, state);
  if (changed !== null) return refused(changed);
  if (lane?.state !== 'held') return refused(`${orderingKey} is not held.`);
  const { closed } = await releaseLane(tx, fence, orderingKey);
  const detail = closed ? `${orderingKey} flows again.` : `${orderingKey} is released: ${lane.records} records run.`;
  return applied(detail, [{ decision: 'released', about: { ...NO_DELIVERY, orderingKey } }], 0);
}

async function retry(tx: Queryable, fence: Fence, target: Of<'retry' | 'skip'>): Promise<Applied> {
  const lane = await findLane(tx, fence, target.orderingKey);
  const changed = headProblem(lane, target);
  if (changed !== null) return refused(changed);
  if (lane?.state === 'held') return refused(`${target.orderingKey} is held: release it.`);
  await hastenLanes(tx, fence, [target.orderingKey]);
  const about = { ...NO_DELIVERY, orderingKey: target.orderingKey };
  return applied('Its next try is due now.', [{ decision: 'retried', about }], 0);
}

async function skip(
  tx: Queryable,
  fence: Fence,
  target: Of<'retry' | 'skip'>,
  { handlers }: ApplySettings,
): Promise<Applied> {
  const lane = await findLane(tx, fence, target.orderingKey);
  const changed = headProblem(lane, target);
  if (changed !== null) return refused(changed);
  const { about, dead } = await skipHead(tx, fence, target.orderingKey, lane as LaneTarget, handlers);
  const done = dead.map((handler) => ({ decision: 'skipped' as const, about, handler }));
  const detail = dead.length > 0 ? `It is a dead letter of ${dead.join(', ')}.` : 'No handler asks for it.';
  return applied(detail, done.length > 0 ? done : [{ decision: 'skipped', about }], 0);
}

async function redrive(
  tx: Queryable,
  fence: Fence,
  target: Of<'redrive' | 'discard'>,
  { lanes: limits }: ApplySettings,
): Promise<Applied> {
  const found = await findDead(tx, fence, target);
  if (found.problem !== null) return refused(found.problem);
  const { dead, handlers: chosen } = found;
  const handlers = chosen.filter((name) => name !== null);
  const { orderingKey, storedBytes } = dead;
  if (handlers.length === 0 || orderingKey === null) return refused('No handler could be asked to run it.');
  if (storedBytes === null) return refused('Its body was erased: there is nothing to run.');
  if (!(await makeLane(tx, fence, orderingKey, storedBytes, limits))) return { outcome: 'no-room' };
  const place = { incarnation: target.incarnation, offset: target.offset };
  await runDeadAgain(tx, fence, [{ run: 'redrive', orderingKey, place, handlers, seen: null }]);
  const done = handlers.map((handler) => ({ decision: 'redriven' as const, about: dead, handler }));
  return applied(`${handlers.join(', ')} will run in the lane of its key.`, done, 0);
}

async function discard(tx: Queryable, fence: Fence, target: Of<'redrive' | 'discard'>): Promise<Applied> {
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

async function decideHeld(
  tx: Queryable,
  fence: Fence,
  target: Of<'release-replay' | 'discard-replay'>,
  { lanes: limits }: ApplySettings,
): Promise<Applied> {
  const held = await readHeldPlace(tx, fence, target);
  if (!held || held.orderingKey !== target.orderingKey) return refused('It is not held.');
  if (held.state !== 'held') return refused(`It was ${held.state} before.`);
  if (held.generation !== target.generation) {
    return refused(`It is held for the ${held.generation}. time, and was decided on for the ${target.generation}.`);
  }
  if (target.command === 'discard-replay') return discardHeld(tx, fence, held);
  const { orderingKey, storedBytes } = held;
  if (storedBytes === null) return refused('Its body was erased: there is nothing to run.');
  if (!(await makeLane(tx, fence, orderingKey, storedBytes, limits))) return { outcome: 'no-room' };
  await releaseHeld(tx, fence, held);
  return applied('It will run in the lane of its key.', [{ decision: 'released', about: held }], 0);
}

/** Its identity is claimed, so that it does not run when it arrives again; unless it is known under another event. */
async function discardHeld(tx: Queryable, fence: Fence, held: HeldPlaceState): Promise<Applied> {
  const known = await findIdentities(tx, fence, [held]);
  const { topic, partition } = fence;
  if (!known.get(0)?.claim) {
    await claimIdentities(tx, [{ ...held, ...held.place, topic, partition, outcome: 'discarded' }]);
  }
  await settleHeld(tx, fence, held, 'discarded');
  return applied('It is discarded.', [{ decision: 'discarded', about: held }]);
}

function stateProblem(lane: LaneTarget | null, state: LaneState): string | null {
  const present = lane?.state ?? 'none';
  return present === state ? null : `The state of its lane is ${present}, and was ${state} when it was decided.`;
}

function headProblem(lane: LaneTarget | null, target: Of<'retry' | 'skip'>): string | null {
  const changed = stateProblem(lane, target.state);
  if (changed !== null) return changed;
  const head = lane?.head;
  if (!head) return 'Nothing waits there.';
  if (head.incarnation !== target.incarnation || head.offset !== target.offset) {
    return `The head of the lane is another by now, of offset ${head.offset}.`;
  }
  if (lane.generation === target.generation) return null;
  return `It has been tried ${lane.generation} times, and had ${target.generation} tries when it was decided.`;
}

async function findDead(tx: Queryable, fence: Fence, target: Of<'redrive' | 'discard'>) {
  const dead = await readDeadPlace(tx, fence, target);
  const problem = deadProblem(dead, target);
  if (problem !== null || dead === null) return { problem: problem ?? '' };
  return { problem: null, dead, handlers: target.handlers.length > 0 ? target.handlers : dead.dead };
}

function deadProblem(
  dead: Awaited<ReturnType<typeof readDeadPlace>>,
  { orderingKey, generation, handlers }: Of<'redrive' | 'discard'>,
): string | null {
  if (!dead || dead.orderingKey !== orderingKey) return 'Nothing is kept of that place.';
  if (dead.dead.length === 0) return 'None of its dead letters is open any more.';
  if (dead.generation !== generation) {
    return `Its dead letters are of generation ${dead.generation}, and were of ${generation} when it was decided.`;
  }
  const other = handlers.find((name) => !dead.dead.includes(name));
  return other === undefined ? null : `Handler ${other} is not dead there.`;
}

/** Opens the lane of a key where there is none; false: it is full. A lane with nothing in it takes one record. */
async function makeLane(
  tx: Queryable,
  fence: Fence,
  orderingKey: string,
  bytes: number,
  limits: LaneLimits,
): Promise<boolean> {
  const lane = (await findOpenLanes(tx, fence, [orderingKey])).get(orderingKey);
  const totalBytes = await readLaneBytes(tx, fence);
  if (totalBytes > 0 && totalBytes + bytes > limits.totalBytes) return false;
  if (lane && lane.records > 0 && lane.bytes + bytes > limits.keyBytes) return false;
  if (!lane) await openLanes(tx, fence, [{ orderingKey, ...UNTRIED }]);
  return true;
}
