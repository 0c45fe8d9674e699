import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ownStack, testStack, testTopic } from '@hookline/local-stack';
import type { StackAddresses } from '@hookline/local-stack';
import { createLogger } from '@hookline/runtime';
import { aDelivery, appendDeliveries, until } from '@hookline/test-support';
import { randomUUID } from 'node:crypto';
import { createKafka } from '../client/create-kafka.ts';
import type { OwnedPartition, Taken, WorkEnd } from './assignments.ts';
import { createLogConsumer, type LogConsumer, type LogConsumerOptions } from './log-consumer.ts';
import type { ReadRecord } from './partition-queue.ts';

const PARTITIONS = 4;
let stack: StackAddresses;
const running: LogConsumer[] = [];

beforeAll(async () => {
  stack = await testStack();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.stop()));
});

/** A member that starts each partition where `next` says and moves `next` on, as the database would. */
function member(
  topic: string,
  groupId: string,
  changes: Partial<LogConsumerOptions<Taken>> & { brokers?: string[] } = {},
) {
  const { brokers = stack.brokers, ...options } = changes;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const seen: ReadRecord[] = [];
  const events: [string, ...unknown[]][] = [];
  const next = new Map<number, bigint>();
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void events.push([name, ...args]);
  const consumer = createLogConsumer({
    kafka: createKafka({ brokers, clientId: 'test' }, logger),
    topic,
    groupId,
    sessionTimeoutMs: 3000,
    heartbeatIntervalMs: 300,
    maxWaitMs: 50,
    maxBytesPerPartition: 256 * 1024,
    queueLimits: { records: 50, bytes: 1_000_000 },
    totalLimits: { records: 1000, bytes: 10_000_000 },
    retryMs: 20,
    takeOver: (partition) => Promise.resolve({ from: next.get(partition) ?? 0n }),
    async work(owned: OwnedPartition): Promise<WorkEnd> {
      for (;;) {
        const records = await owned.take({ records: 10, bytes: 1_000_000 });
        if (records.length === 0) return 'CLOSED';
        seen.push(...records);
        next.set(owned.partition, (records.at(-1) as ReadRecord).offset + 1n);
      }
    },
    events: {
      joined: note('joined'),
      fetched: note('fetched'),
      clientLost: note('clientLost'),
      takeOverFailed: note('takeOverFailed'),
      owned: note('owned'),
      misplaced: note('misplaced'),
      workCrashed: note('workCrashed'),
    },
    ...options,
  });
  running.push(consumer);
  const count = (name: string) => events.filter(([at]) => at === name).length;
  return { consumer, seen, events, next, count };
}

async function write(topic: string, count: number): Promise<void> {
  const deliveries = Array.from({ length: count }, (_, i) => aDelivery({ repository: i % 20 }));
  await appendDeliveries(stack, { topic, partitions: PARTITIONS }, deliveries);
}

function expectContiguous(seen: readonly ReadRecord[]): void {
  for (const records of Map.groupBy(seen, ({ partition }) => partition).values()) {
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => BigInt(i)));
  }
}

describe('createLogConsumer', () => {
  it('hands out every record of every partition, in order, through queues that fill and drain', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    await write(topic, 1000);
    const { consumer, seen } = member(topic, randomUUID());
    expect(consumer.readiness()).not.toBe(true);
    consumer.start();
    await until('1000 records', () => seen.length >= 1000);
    expect(consumer.readiness()).toBe(true);
    expect(consumer.partitions().toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    expectContiguous(seen);
    expect(String(seen[0]?.key)).toMatch(/^github\.com\/repository\//);
    expect(Math.abs(Date.now() - (seen[0]?.time ?? 0))).toBeLessThan(60_000);
  });

  it('reads from the offset of the takeover, whatever the group has committed', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    await write(topic, 400);
    const group = randomUUID();
    const first = member(topic, group);
    first.consumer.start();
    await until('all records', () => first.seen.length >= 400);
    await first.consumer.copyOffsets(new Map([[0, 3n]]));
    await first.consumer.stop();
    const second = member(topic, group, { takeOver: (partition) => Promise.resolve({ from: BigInt(partition + 10) }) });
    second.consumer.start();
    const rest = 400 - [0, 1, 2, 3].reduce((sum, partition) => sum + partition + 10, 0);
    await until('the rest', () => second.seen.length >= rest);
    expect(second.seen).toHaveLength(rest);
    for (const [partition, records] of Map.groupBy(second.seen, (record) => record.partition)) {
      expect(records[0]?.offset).toBe(BigInt(partition + 10));
    }
  });

  it('shares the partitions with a second member, and takes them back when that one leaves', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    const group = randomUUID();
    const one = member(topic, group);
    const two = member(topic, group);
    one.consumer.start();
    await until('all partitions', () => one.consumer.partitions().length === 4);
    two.consumer.start();
    await until('two each', () => one.consumer.partitions().length === 2 && two.consumer.partitions().length === 2);
    expect([...one.consumer.partitions(), ...two.consumer.partitions()].toSorted((a, b) => a - b)).toEqual([
      0, 1, 2, 3,
    ]);
    await two.consumer.stop();
    await until('all again', () => one.consumer.partitions().length === 4);
  });

  // KafkaJS ends such a consumer for good (CRASH with restart: false): a dead consumer behind a green health.
  it('makes a new client when one dies of an error from inside, and loses nothing by it', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    await write(topic, 200);
    let bombs = 1;
    const { consumer, seen, count } = member(topic, randomUUID(), {
      events: {
        joined: () => {},
        clientLost: () => void (lost += 1),
        takeOverFailed: () => {},
        owned: () => {},
        misplaced: () => {},
        workCrashed: () => {},
        fetched() {
          if (bombs-- > 0) throw new TypeError('from inside');
        },
      },
    });
    let lost = 0;
    consumer.start();
    await until('the client to be lost', () => lost === 1);
    expect(count('workCrashed')).toBe(0);
    // The old one may have handed over all of the first records; these only the new one can.
    await write(topic, 20);
    await until('all records', () => seen.length >= 220);
    expectContiguous(seen);
    expect(consumer.readiness()).toBe(true);
  });

  // Told that an offset is out of range, KafkaJS goes on from the beginning without a word.
  it('hands out nothing that KafkaJS jumps to by itself, and tells the work where that was', async () => {
    const topic = await testTopic({ partitions: 1 });
    await appendDeliveries(stack, { topic, partitions: 1 }, [aDelivery(), aDelivery()]);
    const found = Promise.withResolvers<unknown>();
    const { consumer, seen } = member(topic, randomUUID(), {
      takeOver: () => Promise.resolve({ from: 1000n }),
      async work({ take, discontinuity }) {
        seen.push(...(await take({ records: 10, bytes: 1_000_000 })));
        found.resolve(discontinuity());
        return 'CLOSED';
      },
    });
    consumer.start();
    expect(await found.promise).toEqual({ expected: 1000n, found: 0n });
    expect(seen).toEqual([]);
  });

  it('lets the running slice end when drained, and copies nothing when it is not a member', async () => {
    const topic = await testTopic({ partitions: 1 });
    await appendDeliveries(stack, { topic, partitions: 1 }, [aDelivery(), aDelivery()]);
    const gate = Promise.withResolvers<void>();
    const taken: bigint[] = [];
    const finished: bigint[] = [];
    const { consumer } = member(topic, randomUUID(), {
      async work(owned) {
        for (;;) {
          const [record] = await owned.take({ records: 1, bytes: 1 });
          if (!record) return 'CLOSED';
          taken.push(record.offset);
          await gate.promise;
          finished.push(record.offset);
        }
      },
    });
    await consumer.copyOffsets(new Map([[0, 1n]]));
    consumer.start();
    await until('the partition', () => consumer.partitions().length === 1);
    await until('the first record', () => taken.length === 1);
    const drained = consumer.drain(10_000);
    gate.resolve();
    await drained;
    expect(finished).toEqual([0n]);
    expect(taken).toEqual([0n]);
  });

  it('stops within a bound while the broker is away, and goes on by itself when it is back', async () => {
    const own = await ownStack({ parts: ['kafka', 'registry'] });
    try {
      const topic = await testTopic({ partitions: PARTITIONS, stack: own.addresses });
      const where = { topic, partitions: PARTITIONS };
      await appendDeliveries(own.addresses, where, [aDelivery()]);
      const { consumer, seen } = member(topic, randomUUID(), { brokers: own.addresses.brokers });
      consumer.start();
      await until('a record', () => seen.length === 1);
      await own.kafka[0]?.kill();
      await own.kafka[0]?.start();
      await appendDeliveries(own.addresses, where, [aDelivery({ repository: 2 })]);
      await until('the next record', () => seen.length === 2, 60_000);
      await own.kafka[0]?.kill();
      const stoppedAt = performance.now();
      await consumer.stop();
      expect(performance.now() - stoppedAt).toBeLessThan(15_000);
    } finally {
      await own.stop();
    }
  }, 120_000);
});
