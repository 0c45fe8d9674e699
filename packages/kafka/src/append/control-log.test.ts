import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_RECORD_BYTES, partitionOf } from '@hookline/contracts';
import { testStack, testTopic } from '@hookline/local-stack';
import { readRecords } from '@hookline/test-support';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { startFaultProxy, type FaultProxy, type ProduceFate } from '../testing/fault-proxy.ts';
import { silent } from '../testing/open-log.ts';
import { createControlLog, type ControlLog, type ControlLogRecord, type ControlLogSettings } from './control-log.ts';

let connection: KafkaConnection;
let log: ControlLog | undefined;
let proxy: FaultProxy | undefined;

beforeAll(async () => {
  connection = { brokers: (await testStack()).brokers, clientId: 'control-log-test' };
});
afterEach(async () => {
  await log?.close();
  await proxy?.stop();
  log = undefined;
  proxy = undefined;
});

function open(topic: string, changes: Partial<ControlLogSettings> = {}): ControlLog {
  return (log = createControlLog({ connection, topic, partitions: 4, ...changes }, silent));
}

/** As `open`, with a network that does this to the first produce requests. */
async function openBadly(topic: string, fates: ProduceFate[], changes: Partial<ControlLogSettings> = {}) {
  proxy = await startFaultProxy();
  proxy.onProduce = ({ count }) => fates[count - 1] ?? 'pass';
  return open(topic, { connection: { ...connection, openSocket: proxy.openSocket }, ...changes });
}

const keyed = (key: string, text: string): ControlLogRecord => ({
  key,
  partition: partitionOf(key, 4),
  value: Buffer.from(text),
});

const inLog = async (topic: string) =>
  (await readRecords(connection.brokers, topic)).map(({ partition, key, value }) => [partition, key, String(value)]);

describe('the writer of control records', () => {
  it('appends under the key, in its partition, in order, and says where', async () => {
    const topic = await testTopic();
    const [one, other] = [keyed('github.com/repository/1', 'a'), keyed('github.com/repository/2', 'b')];
    expect(one.partition).not.toBe(other.partition);
    const third = { ...one, value: Buffer.from('c') };
    expect(await open(topic).append([one, other, third])).toEqual([0n, 0n, 1n]);
    expect(await log!.append([one])).toEqual([2n]);
    const records = await inLog(topic);
    expect(records.filter(([partition]) => partition === one.partition).map(([, ...rest]) => rest)).toEqual([
      [one.key, 'a'],
      [one.key, 'c'],
      [one.key, 'a'],
    ]);
    expect(records).toContainEqual([other.partition, other.key, 'b']);
  });

  // A record that is no delivery has no key: what is decided about it goes to where it is.
  it('appends without a key to the partition that is named', async () => {
    const topic = await testTopic();
    await open(topic).append([3, 1, 3].map((partition) => ({ key: null, partition, value: Buffer.from('x') })));
    expect(await inLog(topic)).toEqual([
      [1, null, 'x'],
      [3, null, 'x'],
      [3, null, 'x'],
    ]);
  });

  it('appends nothing for nothing', async () => {
    expect(await open('never.asked').append([])).toEqual([]);
  });
});

describe('a send that fails', () => {
  it('goes again when it was never seen', async () => {
    const topic = await testTopic();
    await openBadly(topic, ['cutBefore', 'cutBefore']);
    expect(await log!.append([keyed('k', 'a'), keyed('k', 'b')])).toEqual([0n, 1n]);
  });

  // At-least-once: a command takes effect once by its id, and an operator must not be told of success in vain.
  it.each<ProduceFate>(['cutAfter', 'hold'])(
    'goes again whole, in order, when its answer was lost: %s',
    async (fate) => {
      const topic = await testTopic();
      await openBadly(topic, [fate], { sendTimeoutMs: 1_500 });
      expect(await log!.append([keyed('k', 'a'), keyed('k', 'b')])).toEqual([2n, 3n]);
      expect(await log!.append([keyed('k', 'c')])).toEqual([4n]);
      expect((await inLog(topic)).map(([, , text]) => text)).toEqual(['a', 'b', 'a', 'b', 'c']);
    },
  );

  it('ends at the deadline, and says that it may be in the log; the next one works', async () => {
    const topic = await testTopic();
    await openBadly(topic, ['cutAfter', 'cutBefore', 'cutBefore', 'cutBefore'], { deadlineMs: 600 });
    await expect(log!.append([keyed('k', 'a')])).rejects.toMatchObject({
      code: 'KAFKA_UNAVAILABLE',
      message: expect.stringMatching(
        /has not confirmed the control records for test\..*may be in the log nevertheless/,
      ),
    });
    proxy!.onProduce = () => 'pass';
    expect(await log!.append([keyed('k', 'b')])).toEqual([1n]);
  });

  it('is not tried again where Kafka refuses it', async () => {
    const topic = await testTopic();
    let sends = 0;
    // 26 MB reach a busy broker late, and a send that is given up before that asks nothing of it.
    await openBadly(topic, [], { sendTimeoutMs: 60_000, deadlineMs: 120_000 });
    proxy!.onProduce = () => {
      sends++;
      return 'pass';
    };
    const tooLarge = { key: 'k', partition: 0, value: randomBytes(MAX_RECORD_BYTES + 1024) };
    await expect(log!.append([tooLarge])).rejects.toMatchObject({
      code: 'KAFKA_UNAVAILABLE',
      cause: { type: 'MESSAGE_TOO_LARGE' },
    });
    expect(sends).toBe(1);
  });
});

describe('a topic that is not as recorded', () => {
  it('gets nothing: the keys of another count are elsewhere', async () => {
    const topic = await testTopic({ partitions: 3 });
    await expect(open(topic).append([keyed('k', 'a')])).rejects.toMatchObject({
      code: 'TOPIC_MISMATCH',
      message: expect.stringContaining('has 3 partitions where 4 are configured'),
    });
    expect(await inLog(topic)).toEqual([]);
  });

  it('is not made by writing to it', async () => {
    const refused = { code: 'TOPIC_MISSING', message: expect.stringContaining('hookline topics create') };
    await expect(open('test.never.made').append([keyed('k', 'a')])).rejects.toMatchObject(refused);
    await expect(log!.append([keyed('k', 'a')])).rejects.toMatchObject(refused);
  });

  it('says where it looked when no broker answers', async () => {
    const nowhere = { connection: { ...connection, brokers: ['127.0.0.1:1'] } };
    await expect(open('log', nowhere).append([keyed('k', 'a')])).rejects.toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
  }, 30_000);
});
