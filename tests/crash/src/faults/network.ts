import { isCommit, isProduce, type Link } from '../system/link.ts';
import type { Service } from '../system/service.ts';
import type { Attack, Fault } from './fault.ts';

type Target = 'kafka' | 'database';

/** What a network does, between services and the server named, one service at a time. */
export const networkFaults: Fault[] = [
  ...(['kafka', 'database'] as const).flatMap((target) => [
    network(target, 'cut', 'connections are cut again and again', async ({ random, pause }, links) => {
      for (let times = random.integer(3, 8); times > 0; times -= 1) {
        for (const link of links) link.cut();
        await pause(random.integer(50, 500));
      }
    }),
    network(target, 'refuse', 'no connection can be made for a while', async ({ random, pause }, links) => {
      for (const link of links) link.refuse();
      await pause(random.integer(500, 2500));
    }),
    network(
      target,
      'silence',
      'a black hole: nothing arrives, nobody is told; then all of it',
      async (attack, links) => {
        for (const link of links) link.silence();
        await attack.pause(attack.random.integer(1000, 4000));
      },
    ),
    network(target, 'silence-cut', 'a black hole, and then the connections are cut', async (attack, links) => {
      for (const link of links) link.silence();
      await attack.pause(attack.random.integer(1000, 4000));
      for (const link of links) link.cut();
    }),
    network(target, 'delay', 'each piece takes 20 to 120 ms longer', async ({ random, pause }, links) => {
      for (const link of links) link.delay(random.integer(20, 120));
      await pause(random.integer(1500, 3000));
    }),
    network(target, 'throttle', '64 KiB a second', async ({ random, pause }, links) => {
      for (const link of links) link.throttle(64 * 1024);
      await pause(random.integer(1500, 3000));
    }),
  ]),
  network('database', 'lose-commits', 'COMMIT takes effect, and its answer does not arrive', async (attack, links) => {
    for (const link of links) link.loseAnswers(5, isCommit);
    await attack.pause(2000);
    attack.note(`${links.reduce((sum, link) => sum + 5 - link.toLose(), 0)} answers to COMMIT were lost`);
  }),
  network(
    'kafka',
    'lose-acks',
    'records are appended, and the acknowledgement does not arrive',
    async (attack, links) => {
      for (const link of links) link.loseAnswers(4, isProduce);
      await attack.pause(2000);
      attack.note(`${links.reduce((sum, link) => sum + 4 - link.toLose(), 0)} acknowledgements were lost`);
    },
  ),
];

function network(
  target: Target,
  what: string,
  title: string,
  act: (attack: Attack, links: readonly Link[]) => Promise<void>,
): Fault {
  return {
    name: `${target}-${what}`,
    family: 'network',
    title: `between services and ${target === 'kafka' ? 'brokers' : 'PostgreSQL'}: ${title}`,
    async run(attack) {
      const { system, random, pause, note } = attack;
      const victims = what === 'lose-acks' ? system.ingests : system.services;
      for (let times = 2; times > 0; times -= 1) {
        await pause(random.integer(200, 1500));
        const hit = target === 'kafka' ? [random.pick(victims)] : oneOfEach(attack);
        const links = hit.flatMap((victim) => linksOf(attack, victim, target));
        note(`${hit.map(({ name }) => name).join(' and ')}, ${links.length} links`);
        await act(attack, links);
        for (const link of links) link.repair();
      }
    },
  };
}

/** Without its database a processor stops, and ingest goes on: both at once, so that neither is left out of a round. */
function oneOfEach({ system, random }: Attack): Service[] {
  return [random.pick(system.processors), random.pick(system.ingests)];
}

/** To PostgreSQL the one; to brokers all of them or one. */
function linksOf({ random }: Attack, { links }: Service, target: Target): Link[] {
  if (target === 'database') return [links.database];
  return random.chance(0.5) ? links.kafka : [random.pick(links.kafka)];
}
