import type { ControlTarget } from '@hookline/contracts';
import type { LaneTarget } from '@hookline/database';

export type LaneCommand = 'hold' | 'release' | 'retry' | 'skip';

export type LanePlan =
  | { success: true; target: ControlTarget; effect: string; question: string | null }
  | { success: false; problem: string };

/** What a decision about the lane of a key would do, or why it cannot be made. Null: the key does not wait. Pure. */
export function planLane(command: LaneCommand, orderingKey: string, lane: LaneTarget | null): LanePlan {
  const state = lane?.state ?? 'none';
  if (command === 'hold') {
    if (state === 'held') return refused(`${orderingKey} is held already. Let it go on: hookline lanes release.`);
    const waiting = lane ? `, with the ${deliveries(lane.records)} that ${have(lane.records)} failed or wait` : '';
    const effect = `Deliveries of ${orderingKey} wait until it is released${waiting}.`;
    return { success: true, target: { command, orderingKey, state }, effect, question: null };
  }
  if (command === 'release') {
    if (!lane || state !== 'held') return refused(`${orderingKey} is not held. See: hookline lanes list.`);
    const effect = `${orderingKey} goes on: ${deliveries(lane.records)} of it wait.`;
    return { success: true, target: { command, orderingKey, state }, effect, question: null };
  }
  if (!lane?.head) return refused(`No delivery of ${orderingKey} waits: there is none to ${command}.`);
  const { incarnation, offset, guid, event } = lane.head;
  const target = { command, orderingKey, state, incarnation, offset, generation: lane.generation } as const;
  const head = `The head of ${orderingKey}, ${event} ${guid} at offset ${offset}, tried ${times(lane.generation)}`;
  if (command === 'retry') return { success: true, target, effect: `${head}, is tried at once.`, question: null };
  const behind = lane.records > 1 ? `; the ${deliveries(lane.records - 1)} behind it go on` : '';
  const effect = `${head}, becomes a dead letter of every handler that has not succeeded${behind}.`;
  return { success: true, target, effect, question: 'Skip it?' };
}

const deliveries = (count: number) => (count === 1 ? '1 delivery' : `${count} deliveries`);
const have = (count: number) => (count === 1 ? 'has' : 'have');
const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

function refused(problem: string): LanePlan {
  return { success: false, problem };
}
