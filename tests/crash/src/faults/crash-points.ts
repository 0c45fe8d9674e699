import { INGEST_POINTS, PROCESSOR_POINTS, type CrashAction, type CrashPoint } from '../programs/control.ts';
import type { Poison } from '../traffic/plan.ts';
import type { Attack, Fault } from './fault.ts';

/** Longer than the session of a member of the group. */
const FREEZE_MS = 3000;

/** Points that only a lane comes by. */
const OF_LANES: Partial<Record<CrashPoint, Poison[]>> = {
  'after-start-noted': [{ does: 'fail', forMs: 600, deliveries: 8, repositories: 4 }],
  'after-lane-opened': [{ does: 'fail', forMs: 400, deliveries: 12, repositories: 8 }],
  'after-lane-handlers': [{ does: 'fail', forMs: 400, deliveries: 12, repositories: 8 }],
  'before-lane-removal': [{ does: 'fail', forMs: 400, deliveries: 12, repositories: 8 }],
  'after-lane-removal': [{ does: 'fail', forMs: 400, deliveries: 12, repositories: 8 }],
  'after-dead-letter': [{ does: 'fail', forMs: null, deliveries: 6, repositories: 4 }],
};

const TITLES: Record<CrashAction, string> = {
  kill: 'SIGKILL',
  freeze: 'SIGSTOP beyond the session,',
  lose: 'the connection breaks, and the process lives on,',
};

/** Every point with SIGKILL; freezing and a lost answer where they are another story. */
export const crashPointFaults: Fault[] = [
  ...[...PROCESSOR_POINTS, ...INGEST_POINTS].map((point) => crashPoint('kill', point)),
  crashPoint('freeze', 'after-fence'),
  crashPoint('freeze', 'after-handlers'),
  crashPoint('freeze', 'before-commit'),
  crashPoint('freeze', 'after-commit'),
  crashPoint('freeze', 'before-epoch'),
  crashPoint('freeze', 'after-lane-handlers'),
  crashPoint('freeze', 'before-lane-removal'),
  crashPoint('freeze', 'after-append'),
  crashPoint('lose', 'after-commit'),
];

function crashPoint(action: CrashAction, point: CrashPoint): Fault {
  const poisons = OF_LANES[point];
  return {
    name: `${action}-${point}`,
    family: 'crash-points',
    title: `${TITLES[action]} ${point.replaceAll('-', ' ')}`,
    ...(poisons && { poisons }),
    run: (attack) => strike(attack, action, point),
  };
}

/** Arms processes that live at the time, one after another, each time anew. */
async function strike({ system, random, pause, note }: Attack, action: CrashAction, point: CrashPoint): Promise<void> {
  const services = (INGEST_POINTS as readonly string[]).includes(point) ? system.ingests : system.processors;
  for (let times = 3; times > 0; times -= 1) {
    await pause(random.integer(200, 1200));
    const victim = random.pick(services);
    const before = victim.reached().length;
    const nth = random.integer(1, 6);
    victim.arm(point, nth, action);
    for (let waited = 0; waited < 1500 && victim.reached().length === before; waited += 50) await pause(50);
    note(`${victim.name} ${victim.reached().length > before ? 'reached it' : 'has not come there'}, time ${nth}`);
    if (action !== 'freeze') continue;
    await pause(FREEZE_MS);
    victim.signal('SIGCONT');
  }
}
