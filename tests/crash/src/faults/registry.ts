import type { Attack, Fault } from './fault.ts';
import { openStandIn } from '../system/registry-stand-in.ts';

/** A registry is asked by a process that starts, and for a schema not met before: so processes are restarted meanwhile. */
export const registryFaults: Fault[] = [
  registry('down', 'refuses connections', async ({ system }) => {
    for (const { links } of system.services) links.registry.refuse();
    return () => Promise.resolve();
  }),
  registry('hung', 'accepts connections and says nothing', async ({ system }) => {
    for (const { links } of system.services) links.registry.silence();
    return () => Promise.resolve();
  }),
  registry('cut', 'breaks every connection in the middle', async ({ system, pause }) => {
    for (let times = 10; times > 0; times -= 1) {
      for (const { links } of system.services) links.registry.cut();
      await pause(100);
    }
    return () => Promise.resolve();
  }),
  ...([404, 500] as const).map((status) =>
    registry(String(status), `answers ${status} to everything`, async ({ system }) => {
      const standIn = await openStandIn(status);
      for (const { links } of system.services) links.registry.divert(standIn.port);
      return () => standIn.close();
    }),
  ),
];

function registry(what: string, title: string, begin: (attack: Attack) => Promise<() => Promise<void>>): Fault {
  return {
    name: `registry-${what}`,
    family: 'registry',
    title: `the registry ${title}, while services restart`,
    async run(attack) {
      const { system, random, pause, note } = attack;
      await pause(random.integer(300, 1500));
      note('begins');
      const end = await begin(attack);
      try {
        for (const victim of [random.pick(system.processors), random.pick(system.ingests)]) {
          note(`SIGKILL ${victim.name}`);
          victim.signal('SIGKILL');
          await pause(random.integer(500, 1500));
        }
      } finally {
        for (const { links } of system.services) links.registry.repair();
        await end();
      }
      note('is over');
    },
  };
}
