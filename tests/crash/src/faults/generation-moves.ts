import { deadTargets } from '../operators/targets.ts';
import { readGenerations } from '../system/read-generations.ts';
import { runHookline } from '../system/run-hookline.ts';
import type { System } from '../system/system.ts';
import type { Attack, Fault } from './fault.ts';
import { insist } from './insist.ts';

/** States that the old topic, or the new one, comes to, in their order; in each of them the command is killed. */
const STEPS = ['prepared', 'sealing', 'draining'] as const;
type Step = (typeof STEPS)[number];

/** How long it is tried while faults go on; what is left of it is done when everything is repaired. */
const MEANWHILE_MS = 60_000;
const AFTERWARDS_MS = 90_000;
const POLL_MS = 50;

const moved = new WeakSet<System>();

/** The log moves to another topic, by the command that operators have. */
export const generationFaults: Fault[] = [
  {
    name: 'generation-moves',
    family: 'operators',
    title: 'the log moves to a topic with more partitions, by a command that is killed and run again',
    keepsData: true,
    leavesBehind: true,
    settings: {
      HOOKLINE_TOPIC_NEXT_PARTITIONS: '10',
      HOOKLINE_TOPIC_REPLICATION_FACTOR: '2',
      HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS: '1',
    },
    // Open lanes, and dead letters, that have to go along.
    poisons: [
      { does: 'later', forMs: 6000, deliveries: 12, repositories: 8 },
      { does: 'fail', forMs: null, deliveries: 4, repositories: 3 },
    ],
    spreadMs: 14_000,
    async run(attack) {
      const { random, pause } = attack;
      await pause(random.integer(500, 2500));
      const kills = random.shuffle(STEPS).slice(0, random.integer(1, 2));
      await move(
        attack,
        STEPS.filter((step) => kills.includes(step)),
        MEANWHILE_MS,
      );
    },
    async settle(attack) {
      const { system, courier } = attack;
      if (!moved.has(system)) await move(attack, [], AFTERWARDS_MS);
      // What died before the log moved must be known where it comes again.
      for (const { guid } of await insist(attack, () => deadTargets(system))) await courier.again(guid);
    },
  },
];

/** Runs the command until it has succeeded; first it is killed at each of some steps. */
async function move(attack: Attack, kills: readonly Step[], withinMs: number): Promise<void> {
  const { system, signal, pause, note } = attack;
  const late = AbortSignal.timeout(withinMs);
  const left = [...kills];
  while (!late.aborted) {
    const killer = new AbortController();
    const ended = new AbortController();
    const step = left.shift();
    const args = ['topics', 'generation', '--yes', '--why', 'the harness moves it', '--as', 'crash', '--wait', '30'];
    const [end] = await Promise.all([
      runHookline(system, args, { asOwner: true, signal: AbortSignal.any([signal, late, killer.signal]) }).finally(() =>
        ended.abort(),
      ),
      step && killAt(attack, step, killer, ended.signal),
    ]);
    note(`exit code ${end.code}${killer.signal.aborted ? `, killed when ${step}` : `: ${lastLine(end.output)}`}`);
    if (end.code === 0) {
      moved.add(system);
      return;
    }
    await pause(200);
  }
}

/** A moment after that step is reached, or was reached before; not at all once the command has ended. */
async function killAt(attack: Attack, step: Step, killer: AbortController, ended: AbortSignal): Promise<void> {
  const { system, random, pause } = attack;
  const due = STEPS.indexOf(step);
  while (!ended.aborted && (await stepOf(system).catch(() => -1)) < due) await pause(POLL_MS);
  await pause(random.integer(0, 600));
  if (!ended.aborted) killer.abort();
}

/** Index of the step that has been reached; below zero: none. */
async function stepOf(system: System): Promise<number> {
  const [old, next] = await readGenerations(system.database);
  if (!next) return -1;
  return old?.state === 'active'
    ? 0
    : Math.max(
        0,
        STEPS.findIndex((step) => step === old?.state),
      );
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}
