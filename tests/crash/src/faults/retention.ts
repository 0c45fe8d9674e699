import { DEFAULT_RETENTION_MS, SEGMENT_MS } from '@hookline/contracts';
import { dateBack } from '../system/date-back.ts';
import { runHookline } from '../system/run-hookline.ts';
import type { System } from '../system/system.ts';
import type { Attack, Fault } from './fault.ts';
import { insist } from './insist.ts';

const WINDOW_MS = 3 * 24 * 60 * 60 * 1000;
/** The shortest that the settings allow. */
const HORIZON_MS = DEFAULT_RETENTION_MS + SEGMENT_MS + WINDOW_MS + 1;
const TIMES = 4;
const AFTERWARDS_MS = 60_000;

/** Systems in which something is behind the horizon. */
const old = new WeakSet<System>();

/** What is old is removed, by the command that operators have, while what it is about arrives again. */
export const retentionFaults: Fault[] = [
  {
    name: 'retention-with-redeliveries',
    family: 'operators',
    title: 'what is old is removed, by two runs at once, one of them killed at times, while much is delivered again',
    keepsData: true,
    leavesBehind: true,
    settings: {
      HOOKLINE_REDELIVERY_WINDOW_MS: String(WINDOW_MS),
      HOOKLINE_HORIZON_MS: String(HORIZON_MS),
      HOOKLINE_AUDIT_RETENTION_MS: String(HORIZON_MS),
      HOOKLINE_DEAD_LETTER_RETENTION_MS: String(HORIZON_MS),
      HOOKLINE_COMMAND_RETENTION_MS: String(HORIZON_MS),
    },
    // Dead letters are open: what they are of must stay known.
    poisons: [{ does: 'fail', forMs: null, deliveries: 6, repositories: 4 }],
    redelivery: { share: 0.5, latestMs: 12_000 },
    spreadMs: 10_000,
    async run(attack) {
      const { random, pause } = attack;
      for (let nth = 1; nth <= TIMES; nth += 1) {
        await pause(random.integer(1500, 3000));
        await age(attack, nth);
        await Promise.all([
          remove(attack, null),
          remove(attack, random.chance(0.4) ? random.integer(500, 3000) : null),
        ]);
      }
    },
    /** A run that was killed, or met another fault, has left something to the next one. */
    async settle(attack) {
      // On a busy machine nothing may have been processed before.
      if (!old.has(attack.system)) await age(attack, TIMES + 1);
      if (!old.has(attack.system)) throw new Error('Nothing is old: this round would have shown nothing.');
      const late = AbortSignal.timeout(AFTERWARDS_MS);
      while (!late.aborted && !(await remove(attack, null))) await attack.pause(300);
    },
  },
];

/** One range behind the horizon for each time: one that is dropped is not made again. */
async function age(attack: Attack, nth: number): Promise<void> {
  const { system, note } = attack;
  const { beyond, inside } = await insist(attack, () => dateBack(system.database, HORIZON_MS, nth));
  note(`dated back: ${beyond} claims behind the horizon, ${inside} inside of it`);
  if (beyond > 0) old.add(system);
}

/** Whether it has removed all that is old. */
async function remove({ system, signal, note }: Attack, killAfterMs: number | null): Promise<boolean> {
  const killer = killAfterMs === null ? [] : [AbortSignal.timeout(killAfterMs)];
  const { code, output } = await runHookline(system, ['retention', 'run', '--json'], {
    asOwner: true,
    signal: AbortSignal.any([signal, ...killer]),
  });
  const dropped = [...output.matchAll(/"dropped":true/g)].length;
  note(
    `retention run: exit code ${code}, ${dropped} ranges dropped${code === 0 ? '' : `: ${output.trim().slice(-200)}`}`,
  );
  return code === 0 && !output.includes('Another run is at work');
}
