import type { Attack } from './fault.ts';
import { insist } from './insist.ts';

const LASTS_MS = 12_000;
const SETTLED_MS = 20_000;

interface DeadEffect {
  id: string;
  key: string;
  attempts: number;
}

/** Redrives and discards effects that are dead; `the rest`: redrives each once, so that what can be sent is. */
export async function decideAboutEffects(attack: Attack, which: 'some' | 'the rest' = 'some'): Promise<void> {
  const { random, pause, desk, note } = attack;
  if (which === 'the rest') {
    const dead = await readDead(attack);
    const ids = [];
    for (const one of dead) ids.push(await redrive(one));
    await desk.settled(ids, SETTLED_MS);
    note(`${dead.length} effects redriven at the end`);
    return;
  }
  const begun = performance.now();
  let times = 0;
  while (performance.now() < begun + LASTS_MS) {
    await pause(random.integer(100, 500));
    const dead = await readDead(attack);
    if (dead.length === 0) continue;
    const one = random.pick(dead);
    times += 1;
    if (random.chance(0.3)) await decide('discard-effect', one);
    else await Promise.all([redrive(one), ...(random.chance(0.3) ? [redrive(one)] : [])]);
  }
  note(`is over, after ${times} dead effects`);

  function redrive(effect: DeadEffect) {
    return decide('redrive-effect', effect);
  }

  function decide(command: 'redrive-effect' | 'discard-effect', { id, key, attempts }: DeadEffect) {
    return desk.decide({ command, orderingKey: key, effectId: id, state: 'dead', generation: attempts });
  }
}

async function readDead(attack: Attack): Promise<DeadEffect[]> {
  const { rows } = await insist(attack, () =>
    attack.system.database.query<{ id: string; key: string; attempts: number }>(
      `select effect_id as id, ordering_key as key, total_attempts as attempts
         from hookline.outbox where state = 'dead' order by position`,
    ),
  );
  return rows;
}
