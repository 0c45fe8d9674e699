import type { ControlTarget } from '@hookline/contracts';
import { headTargets, laneOf } from '../operators/targets.ts';
import type { Attack } from './fault.ts';
import { insist } from './insist.ts';

const DECISIONS = 45;
const ABOUT_HEADS = 8;
/** Where it takes so long until something waits. */
const MOST_MS = 25_000;
/** The first ones have most of the deliveries. */
const BUSY = { least: 1000, most: 1030 };

/** Holds and releases repositories, retries and skips heads; one in five of the decisions does not fit what there is. */
export async function decideAboutLanes(attack: Attack): Promise<void> {
  const { system, random, pause, desk, note } = attack;
  const held: string[] = [];
  let aboutHeads = 0;
  const end = performance.now() + MOST_MS;
  for (let n = 0; n < DECISIONS || (aboutHeads < ABOUT_HEADS && performance.now() < end); n += 1) {
    await pause(random.integer(40, 300));
    const does = random.pick(['hold', 'hold', 'release', 'retry', 'skip'] as const);
    if (does === 'hold') {
      const orderingKey = `github.com/repository/${random.integer(BUSY.least, BUSY.most)}`;
      held.push(orderingKey);
      const lane = await insist(attack, () => laneOf(system, orderingKey));
      await desk.decide({ command: 'hold', orderingKey, state: lane?.state ?? 'none' });
    } else if (does === 'release') {
      const orderingKey = held.shift();
      // Whether it is held by now depends on how far the log was read.
      if (orderingKey) await desk.decide({ command: 'release', orderingKey, state: 'held' });
    } else {
      const heads = await insist(attack, () => headTargets(system));
      if (heads.length === 0) continue;
      const head = random.pick(heads);
      const generation = head.generation + (random.chance(0.15) ? 1 : 0);
      const target: ControlTarget = { command: does, ...head, generation };
      aboutHeads += 1;
      await desk.decide(target);
      // Another decision about the same head: at most one of them finds it.
      if (random.chance(0.3)) await desk.decide(target);
    }
  }
  for (const orderingKey of held) await desk.decide({ command: 'release', orderingKey, state: 'held' });
  note('is over');
}
