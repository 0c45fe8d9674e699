import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testStack, testTopic, type StackAddresses } from '@hookline/local-stack';
import { aDelivery, appendDeliveries, until } from '@hookline/test-support';
import { randomBytes, randomUUID } from 'node:crypto';
import { createKafka } from '../client/create-kafka.ts';
import { readTopicEnds } from '../read-topic.ts';
import { createMember, expectContiguous, writeDeliveries } from '../testing/member.ts';
import { silent } from '../testing/open-log.ts';
import type { LogConsumer } from './log-consumer.ts';

const PARTITIONS = 4;
let stack: StackAddresses;
const running: LogConsumer[] = [];

beforeAll(async () => {
  stack = await testStack();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.stop()));
});

function member(topic: string, groupId: string, changes: Parameters<typeof createMember>[3] = {}) {
  const made = createMember(stack, topic, groupId, changes);
  running.push(made.consumer);
  return made;
}

const write = (topic: string, count: number) => writeDeliveries(stack, { topic, partitions: PARTITIONS }, count);

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

  it('hands out the trace that a record names in its header, and none where there are two', async () => {
    const topic = await testTopic({ partitions: 1 });
    const producer = createKafka({ brokers: stack.brokers, clientId: 'test' }, silent).producer();
    await producer.connect();
    const traces = [undefined, 'one', ['one', 'two']];
    const messages = traces.map((traceparent) => ({ value: 'x', ...(traceparent && { headers: { traceparent } }) }));
    await producer.send({ topic, messages });
    await producer.disconnect();
    const { consumer, seen } = member(topic, randomUUID());
    consumer.start();
    await until('3 records', () => seen.length === 3);
    expect(seen.map(({ traceparent }) => traceparent)).toEqual([undefined, 'one', undefined]);
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

  // An heir that looks while the former owner still works takes it for one that died: it ends its connections, and goes
  // through the first records one by one.
  it('has ended the work on all that it has before another member can take anything over', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    const group = randomUUID();
    const signals: AbortSignal[] = [];
    const one = member(topic, group, {
      async work({ signal, take }) {
        signals.push(signal);
        await take({ records: 1, bytes: 1 });
        return 'CLOSED';
      },
    });
    one.consumer.start();
    await until('all partitions', () => signals.length === PARTITIONS);
    const first = [...signals];
    const endedBefore: boolean[] = [];
    const two = member(topic, group, {
      takeOver: () => {
        endedBefore.push(first.every(({ aborted }) => aborted));
        return Promise.resolve({ from: 0n });
      },
    });
    two.consumer.start();
    await until('two partitions', () => endedBefore.length === 2);
    expect(endedBefore).toEqual([true, true]);
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

  // A bound that a single record is above must not stop the partition for ever, nor starve the others.
  it('passes the largest record among small ones, though it is above every bound', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    const where = { topic, partitions: PARTITIONS };
    await write(topic, 200);
    await appendDeliveries(stack, where, [aDelivery({ repository: 1, body: randomBytes(25 * 1024 * 1024) })]);
    await write(topic, 200);
    const { consumer, seen } = member(topic, randomUUID(), { totalLimits: { records: 20, bytes: 20_000 } });
    consumer.start();
    // An append that went again is there twice.
    const ends = await readTopicEnds({ brokers: stack.brokers, clientId: 'test' }, silent, topic);
    const inLog = [...ends.values()].reduce((sum, end) => sum + Number(end), 0);
    expect(inLog).toBeGreaterThanOrEqual(401);
    await until('all records', () => seen.length === inLog);
    expectContiguous(seen);
    expect(Math.max(...seen.map(({ value }) => value?.length ?? 0))).toBeGreaterThan(25 * 1024 * 1024);
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
});
