import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ownStack, testStack, testTopic, type StackAddresses } from '@hookline/local-stack';
import { aDelivery, appendDeliveries, until } from '@hookline/test-support';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { createKafka, type OpenSocket } from '../client/create-kafka.ts';
import { changedAnswers } from '../testing/changed-answers.ts';
import { cutRequests } from '../testing/cut-requests.ts';
import { createMember, expectContiguous, writeDeliveries, type MemberChanges } from '../testing/member.ts';
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

interface Loss {
  error: Error;
  readiness: true | string;
}

/** A member that writes down how it lost its clients, and what its readiness was then. */
function member(topic: string, changes: MemberChanges = {}, at: StackAddresses = stack) {
  const losses: Loss[] = [];
  const told = {
    ...changes.told,
    clientLost(error: unknown) {
      losses.push({ error: error as Error, readiness: made.consumer.readiness() });
      changes.told?.clientLost?.(error);
    },
  };
  const made = createMember(at, topic, randomUUID(), { ...changes, told });
  running.push(made.consumer);
  return { ...made, losses };
}

/** Something that throws the first time it is called. */
function bomb(error: Error): () => void {
  let left = 1;
  return () => {
    if (left-- > 0) throw error;
  };
}

const JOIN_GROUP = 11;
const REBALANCE_IN_PROGRESS = 27;

/** Size, correlation id, throttle time, error code: no other answer is as short while a member only reads. */
function isHeartbeatAnswer(bytes: Buffer): boolean {
  return bytes.length === 14 && bytes.readInt32BE(0) === 10;
}

function rebalancing(heartbeatAnswer: Buffer): Buffer {
  const changed = Buffer.from(heartbeatAnswer);
  changed.writeInt16BE(REBALANCE_IN_PROGRESS, 12);
  return changed;
}

/**
 * The client is lost for this reason, which its readiness tells; the next one reads on, and nothing is lost or doubled.
 * Others may have been lost before: a broker that has just started has no coordinator yet.
 */
async function expectRebuilt(
  topic: string,
  { consumer, seen, count, losses }: ReturnType<typeof member>,
  reason: string,
): Promise<Loss> {
  const loss = await until('the client to be lost', () => losses.find(({ error }) => error.message.includes(reason)));
  expect(loss.readiness).toBe(`the Kafka client was lost (${loss.error.message}); making a new one`);
  // The old one may have handed over all of the first records; these only the new one can.
  await writeDeliveries(stack, { topic, partitions: PARTITIONS }, 20);
  await until('all records', () => seen.length >= 220);
  expect(consumer.readiness()).toBe(true);
  expectContiguous(seen);
  expect(count('workCrashed')).toBe(0);
  return loss;
}

// KafkaJS ends such a consumer for good (CRASH with restart: false): a dead consumer behind a green health.
describe('a client that dies', () => {
  it('of a TypeError from inside KafkaJS is replaced', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    await writeDeliveries(stack, { topic, partitions: PARTITIONS }, 200);
    const answers = changedAnswers();
    const connection = { brokers: stack.brokers, clientId: 'test', openSocket: answers.openSocket };
    const one = member(topic, { kafka: createKafka(connection, silent) });
    one.consumer.start();
    await until('all records', () => one.seen.length === 200);
    // One fetch is answered for a topic that nobody asked for.
    const other = Buffer.from(`X${topic.slice(1)}`);
    answers.change = (bytes) => {
      const at = bytes.indexOf(topic);
      if (at < 0) return bytes;
      answers.change = null;
      return Buffer.concat([bytes.subarray(0, at), other, bytes.subarray(at + other.length)]);
    };
    const { error } = await expectRebuilt(topic, one, 'Cannot read properties of undefined');
    expect(error.cause).toBeInstanceOf(TypeError);
    expect((error.cause as TypeError).stack).toContain('kafkajs');
  });

  it('of an error in what is called with its batches is replaced', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    await writeDeliveries(stack, { topic, partitions: PARTITIONS }, 200);
    const one = member(topic, { told: { fetched: bomb(new TypeError('in a batch')) } });
    one.consumer.start();
    await expectRebuilt(topic, one, 'in a batch');
  });

  it('of an error in a listener of its joins is replaced', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    await writeDeliveries(stack, { topic, partitions: PARTITIONS }, 200);
    const one = member(topic, { told: { joined: bomb(new Error('in a listener')) } });
    one.consumer.start();
    await expectRebuilt(topic, one, 'in a listener');
  });

  // KafkaJS measures its timeouts by the time of day. While that stands still an answer that is lost is waited for without
  // end, in a fetch or in a join: no error, no event, and nobody reads.
  it('of silence is replaced', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    await writeDeliveries(stack, { topic, partitions: PARTITIONS }, 200);
    const answers = changedAnswers();
    const sockets: Socket[] = [];
    const openSocket: OpenSocket = (args) => {
      const socket = answers.openSocket(args);
      sockets.push(socket);
      return socket;
    };
    const connection = { brokers: stack.brokers, clientId: 'test', openSocket };
    const clientLost = () => {
      answers.change = null;
      for (const socket of sockets.splice(0)) socket.destroy(new Error('cut'));
    };
    const one = member(topic, { kafka: createKafka(connection, silent), silenceMs: 1500, told: { clientLost } });
    one.consumer.start();
    await until('all records', () => one.seen.length === 200);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now());
    answers.change = () => Buffer.alloc(0);
    const reason = '1500 ms';
    await until('the client to be lost', () => one.losses.some(({ error }) => error.message.includes(reason)));
    clock.mockRestore();
    await expectRebuilt(topic, one, reason);
  });

  // A coordinator that takes a group over knows nothing of a rebalance that the former one had begun: it answers the
  // heartbeats of the old generation well, and nobody is asked to join again.
  it('of a rebalance that is forgotten is replaced', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    await writeDeliveries(stack, { topic, partitions: PARTITIONS }, 200);
    const answers = changedAnswers();
    const requests = cutRequests(answers.openSocket);
    const connection = { brokers: stack.brokers, clientId: 'test', openSocket: requests.openSocket };
    const one = member(topic, { kafka: createKafka(connection, silent) });
    one.consumer.start();
    await until('all records', () => one.seen.length === 200);
    requests.cut = JOIN_GROUP;
    answers.change = (bytes) => {
      if (!isHeartbeatAnswer(bytes)) return bytes;
      answers.change = null;
      return rebalancing(bytes);
    };
    await until('a join that breaks off', () => requests.count > 0);
    requests.cut = null;
    await expectRebuilt(topic, one, 'was not joined again');
  });

  it('of the loss of its broker is replaced until the broker is back; meanwhile it is not ready, and stops at once', async () => {
    const own = await ownStack({ parts: ['kafka', 'registry'] });
    try {
      const topic = await testTopic({ partitions: PARTITIONS, stack: own.addresses });
      const where = { topic, partitions: PARTITIONS };
      await appendDeliveries(own.addresses, where, [aDelivery()]);
      const one = member(topic, {}, own.addresses);
      one.consumer.start();
      await until('a record', () => one.seen.length === 1);
      await own.kafka[0]?.kill();
      await until('clients that are lost', () => one.count('clientLost') >= 2, 60_000);
      expect(one.consumer.readiness()).toContain('the Kafka client was lost');
      expect(one.consumer.fetchLoop().wanted).toBe(false);
      await own.kafka[0]?.start();
      await appendDeliveries(own.addresses, where, [aDelivery({ repository: 2 })]);
      await until('the next record', () => one.seen.length === 2, 60_000);
      expect(one.consumer.readiness()).toBe(true);
      await own.kafka[0]?.kill();
      const stoppedAt = performance.now();
      await one.consumer.stop();
      expect(performance.now() - stoppedAt).toBeLessThan(15_000);
    } finally {
      await own.stop();
    }
  }, 180_000);
});

describe('a member that stops while it joins', () => {
  // KafkaJS forgets a consumer that is disconnected within its first join, and lets it run: it would keep its share.
  it('leaves the group as soon as it has joined', async () => {
    const topic = await testTopic({ partitions: PARTITIONS });
    const groupId = randomUUID();
    // Only who leaves is gone before the test is.
    const patient = { groupId, sessionTimeoutMs: 60_000 };
    // The group waits for this member's next heartbeat before it lets the other one in.
    const stays = member(topic, { ...patient, heartbeatIntervalMs: 2000 });
    const leaves = member(topic, patient);
    stays.consumer.start();
    await until('all partitions', () => stays.consumer.partitions().length === PARTITIONS);
    const admin = createKafka({ brokers: stack.brokers, clientId: 'test' }, silent).admin();
    await admin.connect();
    leaves.consumer.start();
    await until('the join to begin', async () => {
      const { groups } = await admin.describeGroups([groupId]);
      return groups[0]?.state === 'PreparingRebalance';
    });
    await leaves.consumer.stop();
    expect(leaves.count('joined')).toBe(0);
    await until('its share to be given back', () => stays.consumer.partitions().length === PARTITIONS);
    await until('the group to be stable', async () => {
      const { groups } = await admin.describeGroups([groupId]);
      return groups[0]?.state === 'Stable' && groups[0].members.length === 1;
    });
    await admin.disconnect();
  });
});

describe('a member that drains', () => {
  // It still fetches. Refusing those batches must neither look like another log, nor ask for them in a circle.
  it('asks no more for what it refuses', async () => {
    const topic = await testTopic({ partitions: 1 });
    const where = { topic, partitions: 1 };
    await appendDeliveries(stack, where, [aDelivery()]);
    const gate = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const found = Promise.withResolvers<unknown>();
    const one = member(topic, {
      async work({ take, discontinuity }) {
        await take({ records: 1, bytes: 1 });
        taken.resolve();
        await gate.promise;
        found.resolve(discontinuity());
        return 'CLOSED';
      },
    });
    one.consumer.start();
    await taken.promise;
    const drained = one.consumer.drain(30_000);
    const before = one.count('fetched');
    await appendDeliveries(stack, where, [aDelivery(), aDelivery()]);
    await until('the refused batch', () => one.count('fetched') > before);
    const { turns } = one.consumer.fetchLoop();
    await until('more turns of the loop', () => one.consumer.fetchLoop().turns > turns + 10);
    expect(one.count('fetched')).toBe(before + 1);
    expect(one.count('misplaced')).toBe(0);
    gate.resolve();
    await drained;
    expect(await found.promise).toBeNull();
  });
});
