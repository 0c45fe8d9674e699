import { createKafka } from '@hookline/kafka';
import { kafkaGroupId } from '@hookline/contracts';
import { logger } from '../system/system.ts';
import type { Fault } from './fault.ts';

export const groupFaults: Fault[] = [
  {
    name: 'rebalance-storm',
    family: 'group',
    title: 'a strange member joins and leaves the group again and again: a rebalance each time',
    async run({ system, random, pause, note }) {
      await pause(random.integer(300, 1000));
      const groupId = kafkaGroupId(system.consumerGroup, system.topic);
      for (let times = random.integer(4, 7); times > 0; times -= 1) {
        const kafka = createKafka({ brokers: system.stack.addresses.brokers, clientId: 'crash' }, logger);
        const consumer = kafka.consumer({
          groupId,
          sessionTimeout: 1500,
          rebalanceTimeout: 1500,
          heartbeatInterval: 300,
          maxWaitTimeInMs: 100,
          // One that restarts by itself after a crash comes back when it was told to leave, and keeps its share for ever.
          retry: { retries: 1, restartOnFailure: () => Promise.resolve(false) },
        });
        // It reads what it is given and says nothing of it, as a stranger would.
        const joined = consumer
          .connect()
          .then(() => consumer.subscribe({ topics: [system.topic] }))
          .then(() => consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() }));
        await joined.catch((error: unknown) => note(`could not join: ${String(error)}`));
        await pause(random.integer(100, 700));
        await Promise.race([consumer.disconnect().catch(() => {}), pause(3000)]);
        await pause(random.integer(50, 400));
      }
      note('is over');
    },
  },
  {
    name: 'restart-storm',
    family: 'group',
    title: 'processors are killed as fast as they come back',
    async run({ system, random, pause, note }) {
      await pause(random.integer(300, 1000));
      for (let times = 6; times > 0; times -= 1) {
        for (const processor of system.processors) if (random.chance(0.7)) processor.signal('SIGKILL');
        await pause(random.integer(300, 1200));
      }
      note('is over');
    },
  },
];
