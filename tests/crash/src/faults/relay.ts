import { isCommit, isProduce } from '../system/link.ts';
import { BEYOND_LEASE_MS, relayPointFaults } from './crash-points.ts';
import { decideAboutEffects } from './effects-decided.ts';
import type { Attack, Fault } from './fault.ts';
import { killJobs } from './jobs.ts';
import { targetFaults } from './targets.ts';
import { wakeMeanwhile } from './wake-meanwhile.ts';

/** Relays, and what they meet. */
export const relayFaults: Fault[] = [
  ...relayPointFaults,
  relays('kill', 'SIGKILL of relays, at random, several times', async ({ system, random, pause, note }) => {
    for (let times = random.integer(3, 5); times > 0; times -= 1) {
      await pause(random.integer(300, 2500));
      const victim = random.pick(system.relays);
      note(`SIGKILL ${victim.name}`);
      victim.signal('SIGKILL');
    }
  }),
  relays('freeze', 'SIGSTOP of a relay beyond its lease, then SIGCONT', async ({ system, random, pause, note }) => {
    for (let times = 2; times > 0; times -= 1) {
      await pause(random.integer(300, 2000));
      const victim = random.pick(system.relays);
      note(`SIGSTOP ${victim.name}`);
      victim.signal('SIGSTOP');
      await pause(BEYOND_LEASE_MS + random.integer(0, 1000));
      victim.signal('SIGCONT');
    }
  }),
  relays('restarts', 'all relays are ended and start again, as in deploys that follow each other', async (attack) => {
    const { system, random, pause, note } = attack;
    for (let times = random.integer(4, 7); times > 0; times -= 1) {
      await pause(random.integer(300, 1500));
      const signal = random.pick(['SIGTERM', 'SIGKILL'] as const);
      note(signal);
      for (const relay of system.relays) relay.signal(signal);
    }
  }),
  relays('database-away', 'the database is cut off from relays, or says nothing to them', async (attack) => {
    const { system, random, pause, note } = attack;
    for (let times = 3; times > 0; times -= 1) {
      await pause(random.integer(300, 1500));
      const { links, name } = random.pick(system.relays);
      const how = random.pick(['silence', 'refuse', 'cut'] as const);
      note(`${how} for ${name}`);
      links.database[how]();
      await pause(random.integer(1000, 7000));
      links.database.repair();
    }
  }),
  relays('database-lose-commits', 'answers to the COMMITs of relays are lost', async (attack) => {
    const { system, random, pause, note } = attack;
    for (let times = 4; times > 0; times -= 1) {
      await pause(random.integer(300, 1500));
      for (const { links } of system.relays) links.database.loseAnswers(random.integer(1, 4), isCommit);
    }
    note('is over');
  }),
  relays('lose-acks', 'jobs are appended, and the acknowledgement does not arrive', async (attack) => {
    const { system, random, pause, note } = attack;
    const links = system.relays.flatMap((relay) => relay.links.kafka);
    let lost = 0;
    for (let times = 6; times > 0; times -= 1) {
      for (const link of links) link.loseAnswers(1, isProduce);
      await pause(random.integer(500, 1800));
      lost += links.filter((link) => link.toLose() === 0).length;
    }
    note(`${lost} acknowledgements were lost`);
  }),
  relays(
    'jobs-killed',
    'the processor of jobs is killed between its statements, and jobs are appended twice',
    killJobs,
  ),
  {
    ...relays(
      'wakes-meanwhile',
      'SIGSTOP of a relay that has claimed, or is about to, and SIGCONT while another one sends the same',
      wakeMeanwhile,
    ),
    spreadMs: 40_000,
  },
  ...targetFaults.map(({ name, title, run }) => relays(name, title, run)),
  {
    ...relays('operators', 'dead effects are redriven and discarded while others are sent', decideAboutEffects),
    settle: async (attack) => decideAboutEffects(attack, 'the rest'),
  },
  {
    ...relays('redeliveries', 'deliveries are sent twenty times at once, and again when they are done', sendManyTimes),
    redelivery: { share: 0.4, latestMs: 4000 },
    // What is held and dead of the handlers arrives again, too.
    poisons: [{ does: 'fail', in: 'effect', forMs: 700, deliveries: 8, repositories: 4 }],
  },
];

function relays(name: string, title: string, run: (attack: Attack) => Promise<void>): Fault {
  return {
    name: `relay-${name}`,
    family: 'relay',
    title: `relay: ${title}`,
    sends: true,
    keepsData: true,
    spreadMs: 10_000,
    run: (attack) => run(attack),
  };
}

const AT_ONCE = 20;

async function sendManyTimes({ random, pause, courier, note }: Attack): Promise<void> {
  let sent = 0;
  for (let times = 8; times > 0; times -= 1) {
    await pause(random.integer(300, 1200));
    const accepted = courier.accepted();
    if (accepted.length === 0) continue;
    const { guid } = random.pick(accepted);
    await Promise.all(Array.from({ length: AT_ONCE }, () => courier.again(guid)));
    sent += AT_ONCE;
  }
  note(`${sent} more sendings`);
}
