import type { Fault } from './fault.ts';

const HOUR_MS = 3_600_000;

export const clockFaults: Fault[] = [
  {
    name: 'clock-jumps',
    family: 'clocks',
    title: 'the wall clock of services jumps, hours and days, forth and back',
    async run({ system, random, pause, note }) {
      for (let times = 8; times > 0; times -= 1) {
        await pause(random.integer(100, 900));
        const victim = random.pick(system.services);
        const ms = random.pick([-48 * HOUR_MS, -HOUR_MS, -5000, 5000, HOUR_MS, 48 * HOUR_MS]);
        note(`${victim.name} by ${ms / 1000} s`);
        victim.order({ order: 'shift-clock', ms });
      }
    },
  },
  {
    name: 'block-processor',
    family: 'clocks',
    title: 'the event loop of a processor is blocked beyond its session',
    async run({ system, random, pause, note }) {
      for (let times = 2; times > 0; times -= 1) {
        await pause(random.integer(300, 1500));
        const victim = random.pick(system.processors);
        const ms = random.integer(2000, 4000);
        note(`${victim.name} for ${ms} ms`);
        victim.order({ order: 'block', ms });
        await pause(ms);
      }
    },
  },
  {
    name: 'block-ingest',
    family: 'clocks',
    title: 'the event loop of an ingest is blocked',
    async run({ system, random, pause, note }) {
      for (let times = 3; times > 0; times -= 1) {
        await pause(random.integer(300, 1500));
        const victim = random.pick(system.ingests);
        note(victim.name);
        victim.order({ order: 'block', ms: random.integer(500, 2500) });
      }
    },
  },
];
