import { createKafka } from '@hookline/kafka';
import type { Part } from '@hookline/local-stack';
import { logger, PARTITIONS, type System } from '../system/system.ts';
import type { Attack, Fault } from './fault.ts';
import { alone } from './one-at-a-time.ts';

export const kafkaFaults: Fault[] = [
  {
    name: 'kill-broker',
    family: 'kafka',
    title: 'SIGKILL of a broker, which is started again',
    run: (attack) =>
      onBroker(attack, 'SIGKILL', async (part) => {
        await part.kill();
        await attack.pause(attack.random.integer(500, 3000));
        await part.start();
      }),
  },
  {
    name: 'kill-brokers',
    family: 'kafka',
    title: 'SIGKILL of every broker at once, for longer than clients try: they end, and are made anew',
    async run({ system, random, pause, note }) {
      await pause(random.integer(500, 2000));
      const { kafka } = system.stack;
      const act = async (): Promise<void> => {
        note('SIGKILL');
        await Promise.all(kafka.map((part) => part.kill()));
        await pause(random.integer(4000, 6000));
        await Promise.all(kafka.map((part) => part.start()));
        note('they are back');
      };
      await kafka.reduceRight((inner, part) => () => alone(part, inner), act)();
    },
  },
  {
    name: 'restart-broker',
    family: 'kafka',
    title: 'a broker is stopped as an operator would, and started again',
    run: (attack) =>
      onBroker(attack, 'SIGTERM', async (part) => {
        await part.stop();
        await part.start();
      }),
  },
  {
    name: 'freeze-broker',
    family: 'kafka',
    title: 'SIGSTOP of a broker beyond its session with the controller',
    run: (attack) =>
      onBroker(attack, 'SIGSTOP', async (part) => {
        await part.pause();
        await attack.pause(attack.random.integer(2000, 4500));
        await part.resume();
      }),
  },
  {
    name: 'move-leaders',
    family: 'kafka',
    title: 'leaders move from broker to broker, several times',
    async run({ system, random, pause, note }) {
      for (let times = 4; times > 0; times -= 1) {
        await pause(random.integer(300, 1200));
        const order = random.chance(0.5) ? [1, 2] : [2, 1];
        const partitions = random.shuffle(Array.from({ length: PARTITIONS }, (_, partition) => partition)).slice(0, 3);
        note(`partitions ${partitions.join(', ')} to broker ${order[0]}`);
        // Another move may be under way, and a broker away: that is another fault's doing.
        await moveLeaders(system, partitions, order).catch((error: unknown) => note(`not moved: ${String(error)}`));
      }
    },
  },
];

async function onBroker(
  { system, random, pause, note }: Attack,
  what: string,
  act: (part: Part) => Promise<void>,
): Promise<void> {
  await pause(random.integer(500, 2000));
  const part = random.pick(system.stack.kafka);
  await alone(part, async () => {
    note(`${what} ${part.name}`);
    await act(part);
    note(`${part.name} is back`);
  });
}

/** The first replica leads: a new order moves the leader, once Kafka is asked to prefer it. */
async function moveLeaders({ stack, topic }: System, partitions: number[], replicas: number[]): Promise<void> {
  const admin = createKafka({ brokers: stack.addresses.brokers, clientId: 'crash' }, logger).admin();
  await admin.connect();
  try {
    const partitionAssignment = partitions.map((partition) => ({ partition, replicas: [replicas[0] as number] }));
    await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    const both = partitions.map((partition) => ({ partition, replicas }));
    await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: both }] });
  } finally {
    await admin.disconnect();
  }
}
