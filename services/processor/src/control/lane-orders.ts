import type { LaneState } from '@hookline/contracts';
import {
  findLane,
  hastenLanes,
  holdLane,
  NO_DELIVERY,
  openLanes,
  releaseLane,
  type Fence,
  type LaneTarget,
  type Queryable,
} from '@hookline/database';
import { UNTRIED } from '../slice/write-outcome.ts';
import { applied, refused, type Applied, type ApplySettings, type TargetOf } from './applied.ts';
import { skipHead } from './skip-head.ts';

/** Deliveries of a key wait from here on. */
export async function hold(
  tx: Queryable,
  fence: Fence,
  { orderingKey, state }: TargetOf<'hold' | 'release'>,
): Promise<Applied> {
  const lane = await findLane(tx, fence, orderingKey);
  const changed = stateProblem(lane, state);
  if (changed !== null) return refused(changed);
  if (lane?.state === 'held') return refused(`${orderingKey} is held already.`);
  if (!lane) await openLanes(tx, fence, [{ orderingKey, ...UNTRIED }]);
  await holdLane(tx, fence, orderingKey);
  return applied(`${orderingKey} is held.`, [{ decision: 'held', about: { ...NO_DELIVERY, orderingKey } }]);
}

/** Deliveries of a key wait no longer. */
export async function release(
  tx: Queryable,
  fence: Fence,
  { orderingKey, state }: TargetOf<'hold' | 'release'>,
): Promise<Applied> {
  const lane = await findLane(tx, fence, orderingKey);
  const changed = stateProblem(lane, state);
  if (changed !== null) return refused(changed);
  if (lane?.state !== 'held') return refused(`${orderingKey} is not held.`);
  const { closed } = await releaseLane(tx, fence, orderingKey);
  const detail = closed ? `${orderingKey} flows again.` : `${orderingKey} is released: ${lane.records} records run.`;
  return applied(detail, [{ decision: 'released', about: { ...NO_DELIVERY, orderingKey } }], 0);
}

/** The head of a lane is tried now. */
export async function retry(tx: Queryable, fence: Fence, target: TargetOf<'retry' | 'skip'>): Promise<Applied> {
  const lane = await findLane(tx, fence, target.orderingKey);
  const changed = headProblem(lane, target);
  if (changed !== null) return refused(changed);
  if (lane?.state === 'held') return refused(`${target.orderingKey} is held: release it.`);
  await hastenLanes(tx, fence, [target.orderingKey]);
  const about = { ...NO_DELIVERY, orderingKey: target.orderingKey };
  return applied('Its next try is due now.', [{ decision: 'retried', about }], 0);
}

/** The head of a lane is a dead letter, without another try. */
export async function skip(
  tx: Queryable,
  fence: Fence,
  target: TargetOf<'retry' | 'skip'>,
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

function stateProblem(lane: LaneTarget | null, state: LaneState): string | null {
  const present = lane?.state ?? 'none';
  return present === state ? null : `The state of its lane is ${present}, and was ${state} when it was decided.`;
}

function headProblem(lane: LaneTarget | null, target: TargetOf<'retry' | 'skip'>): string | null {
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
