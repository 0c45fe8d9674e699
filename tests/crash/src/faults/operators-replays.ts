import { heldTargets } from '../operators/targets.ts';
import type { Attack } from './fault.ts';
import { insist } from './insist.ts';

const REPLAYS = 30;
const DECISIONS = 8;
/** Where it takes so long until something is held. */
const MOST_MS = 25_000;
const SETTLED_MS = 1500;
/** What both handlers ask for, and what cannot repeat by itself. */
const CAPTURED = 'issues';

/** Posts bodies that were accepted under GUIDs of its own; decides about some of what is held; posts that again. */
export async function decideAboutReplays(attack: Attack): Promise<void> {
  const { system, random, pause, desk, courier, note } = attack;
  const decided: string[] = [];
  let captured: string | undefined;
  const end = performance.now() + MOST_MS;
  for (let n = 0; n < REPLAYS || (decided.length < DECISIONS && performance.now() < end); n += 1) {
    await pause(random.integer(50, 300));
    const genuine = courier.accepted().filter(({ event }) => event === CAPTURED);
    if (genuine.length === 0) continue;
    // The same body again and again, now and then: it is one that is held, and a counter.
    captured = captured && random.chance(0.25) ? captured : random.pick(genuine).guid;
    const replayed = await courier.replay(captured);
    if (random.chance(0.3)) await courier.again(random.pick([captured, replayed]));
    if (random.chance(0.3)) continue;
    const held = await insist(attack, () => heldTargets(system));
    if (held.length === 0) continue;
    const { guid, ...target } = random.pick(held);
    const command = random.pick(['release-replay', 'discard-replay'] as const);
    const id = await desk.decide({ command, ...target });
    // Another decision about it, on the same state: one of them is too late.
    if (random.chance(0.3)) await desk.decide({ command: 'release-replay', ...target });
    if (random.chance(0.7)) await desk.settled([id], SETTLED_MS);
    await courier.again(guid);
    decided.push(guid);
  }
  for (const guid of decided) await courier.again(guid);
  note(`is over, after decisions about ${decided.length}`);
}
