import type { ProcessorPoint } from '../programs/control.ts';
import { isProduce } from '../system/link.ts';
import type { Attack } from './fault.ts';

const POINTS: readonly ProcessorPoint[] = [
  'after-fence',
  'in-handler',
  'after-handlers',
  'after-claims',
  'after-audit',
  'before-commit',
  'after-commit',
];
const PATIENCE_MS = 2500;

/** Whoever processes jobs dies at one point after another, while acknowledgements of what is appended for it are lost. */
export async function killJobs({ system, random, pause, note }: Attack): Promise<void> {
  const links = system.relays.flatMap((relay) => relay.links.kafka);
  let kills = 0;
  for (const point of random.shuffle(POINTS)) {
    for (const link of links) link.loseAnswers(1, isProduce);
    const [victim] = system.jobs;
    if (!victim) continue;
    const times = (): number => victim.reached().filter((reached) => reached === point).length;
    const before = times();
    victim.order({ order: 'arm', point, nth: random.integer(1, 2), action: 'kill' });
    for (let waited = 0; waited < PATIENCE_MS && times() === before; waited += 50) await pause(50);
    kills += times() - before;
  }
  note(`killed ${kills} times`);
}
