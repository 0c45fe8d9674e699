import type { Attack, Fault } from './fault.ts';

/** Longer than the session of a member of the group, so that its partitions go to others. */
const BEYOND_SESSION_MS = 2500;

function killSeveral(services: 'processors' | 'ingests'): (attack: Attack) => Promise<void> {
  return async ({ system, random, pause, note }) => {
    for (let times = random.integer(2, 4); times > 0; times -= 1) {
      await pause(random.integer(300, 2500));
      const victim = random.pick(system[services]);
      note(`SIGKILL ${victim.name}`);
      victim.signal('SIGKILL');
    }
  };
}

export const processFaults: Fault[] = [
  {
    name: 'kill-processors',
    family: 'processes',
    title: 'SIGKILL of processors, at random, several times',
    run: killSeveral('processors'),
  },
  {
    name: 'kill-ingests',
    family: 'processes',
    title: 'SIGKILL of ingests, at random, several times',
    run: killSeveral('ingests'),
  },
  {
    name: 'freeze-processor',
    family: 'processes',
    title: 'SIGSTOP of a processor beyond its session, then SIGCONT',
    async run({ system, random, pause, note }) {
      for (let times = 2; times > 0; times -= 1) {
        await pause(random.integer(200, 1500));
        const victim = random.pick(system.processors);
        note(`SIGSTOP ${victim.name}`);
        victim.signal('SIGSTOP');
        await pause(BEYOND_SESSION_MS + random.integer(0, 1000));
        victim.signal('SIGCONT');
      }
    },
  },
  {
    name: 'freeze-ingest',
    family: 'processes',
    title: 'SIGSTOP of an ingest, then SIGCONT',
    async run({ system, random, pause, note }) {
      await pause(random.integer(200, 2000));
      const victim = random.pick(system.ingests);
      note(`SIGSTOP ${victim.name}`);
      victim.signal('SIGSTOP');
      await pause(BEYOND_SESSION_MS + random.integer(0, 1500));
      victim.signal('SIGCONT');
    },
  },
  {
    name: 'deploy',
    family: 'processes',
    title: 'SIGTERM of every service, one after another, as a deploy does',
    async run({ system, random, pause, note }) {
      for (const service of random.shuffle(system.services)) {
        await pause(random.integer(300, 1500));
        note(`SIGTERM ${service.name}`);
        service.signal('SIGTERM');
      }
    },
  },
];
