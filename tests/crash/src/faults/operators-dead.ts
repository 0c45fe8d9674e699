import { deadTargets } from '../operators/targets.ts';
import type { Attack } from './fault.ts';
import { insist } from './insist.ts';

/** What dies takes its time, and so does a machine that is busy. */
const LEAST_MS = 8_000;
const MOST_MS = 25_000;
const DECISIONS = 16;
const SETTLED_MS = 1500;
/** By then what was redriven, and fails for ever, has died again. */
const DEAD_AGAIN_MS = [200, 900] as const;

/**
 * Redrives what is dead while the same delivery arrives again, in either order; discards some of it, which then arrives
 * again, too; and decides a second time on what it has seen.
 */
export async function decideAboutDead(attack: Attack): Promise<void> {
  const { system, random, pause, desk, courier, note } = attack;
  const begun = performance.now();
  const lasted = (ms: number): boolean => performance.now() > begun + ms;
  const discarded: string[] = [];
  let times = 0;
  while (!lasted(LEAST_MS) || (times < DECISIONS && !lasted(MOST_MS))) {
    await pause(random.integer(50, 400));
    const dead = await insist(attack, () => deadTargets(system));
    if (dead.length === 0) continue;
    const { guid, partition, handlers, target } = random.pick(dead);
    const some = random.chance(0.3) ? { ...target, handlers: [random.pick(handlers)] } : target;
    times += 1;
    if (random.chance(0.7)) {
      const redrive = () => desk.decide({ command: 'redrive', ...some }, partition);
      const twice = async () => {
        await desk.settled([await redrive()], SETTLED_MS);
        await pause(random.integer(...DEAD_AGAIN_MS));
        await redrive();
      };
      const first = random.chance(0.3) ? twice : redrive;
      const both = [first, () => courier.again(guid), ...(random.chance(0.3) ? [redrive] : [])];
      await Promise.all(random.shuffle(both).map((act) => act()));
    } else if (random.chance(0.6)) {
      const id = await desk.decide({ command: 'discard', ...some }, partition);
      if (await desk.settled([id], SETTLED_MS)) discarded.push(guid);
      await courier.again(guid);
    } else {
      await courier.again(guid);
    }
  }
  for (const guid of discarded) await courier.again(guid);
  note(`is over, after ${times} dead deliveries, ${discarded.length} of them discarded`);
}
