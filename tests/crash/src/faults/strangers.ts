import { createKafka } from '@hookline/kafka';
import { logger, PARTITIONS } from '../system/system.ts';
import type { Fault } from './fault.ts';

/** Values that no ingest writes: none, rubbish, a schema that nobody has, our magic byte and nothing behind it. */
const VALUES = [
  null,
  Buffer.alloc(0),
  Buffer.from('no delivery'),
  Buffer.from([0, 0x7f, 0, 0, 1, 2, 3]),
  Buffer.from([0]),
];

export const strangerFaults: Fault[] = [
  {
    name: 'strange-records',
    family: 'kafka',
    title: 'somebody else writes into the log what is no delivery',
    async run({ system, random, pause, note }) {
      const { topic, stack } = system;
      const producer = createKafka({ brokers: stack.addresses.brokers, clientId: 'crash' }, logger).producer();
      await producer.connect();
      try {
        for (const value of random.shuffle([...VALUES, ...VALUES])) {
          await pause(random.integer(50, 300));
          const partition = random.integer(0, PARTITIONS - 1);
          const key = random.chance(0.5) ? 'github.com/repository/1' : null;
          // Brokers may be away: that is another fault's doing.
          await producer
            .send({ topic, messages: [{ partition, key, value }] })
            .catch((error: unknown) => note(`not written: ${String(error)}`));
        }
      } finally {
        await producer.disconnect();
      }
      note('is over');
    },
  },
];
