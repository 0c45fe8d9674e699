import { beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_RETENTION_MS, END_MARK, isEndMark, SEALED_MESSAGE_BYTES } from '@hookline/contracts';
import { testStack, testTopic } from '@hookline/local-stack';
import { aDelivery, appendDeliveries, until } from '@hookline/test-support';
import { createKafka, type KafkaConnection } from '../client/create-kafka.ts';
import { silent } from '../testing/open-log.ts';
import { readLog } from '../testing/read-log.ts';
import { checkTopic } from './check-topic.ts';
import { endPartitions } from './end-partitions.ts';
import { readBatchLimit, readUnsealedBrokers, sealTopic } from './seal-topic.ts';

let connection: KafkaConnection;
let registryUrl: string;

beforeAll(async () => {
  const stack = await testStack();
  connection = { brokers: stack.brokers, clientId: 'seal-topic-test' };
  ({ registryUrl } = stack);
});

const appendTo = (topic: string, count: number) =>
  appendDeliveries(
    { brokers: connection.brokers, registryUrl },
    { topic, partitions: 3 },
    Array.from({ length: count }, (_, i) => aDelivery({ repository: i })),
  );

async function sealed(topic: string): Promise<bigint[]> {
  await sealTopic(connection, silent, topic);
  await until('every broker knows', async () => (await readUnsealedBrokers(connection, silent, topic)).length === 0);
  return until('it has ended', async () => {
    const ended = await endPartitions(connection, silent, topic);
    return ended.success && ended.ends;
  });
}

describe('a topic that is sealed', () => {
  // A delivery behind an end would be acknowledged and never processed. The smallest that there can be must be refused,
  // also by a client that compresses, and by one that knows nothing of generations.
  it('refuses the smallest of deliveries, takes end marks, and keeps its other settings', async () => {
    const topic = await testTopic({ partitions: 3 });
    expect(await readBatchLimit(connection, silent, topic)).toBeGreaterThan(25 * 1024 * 1024);
    await appendTo(topic, 20);
    const before = await readLog(connection, topic);
    const ends = await sealed(topic);
    expect(ends).toEqual([0, 1, 2].map((partition) => BigInt((before.get(partition) ?? []).length + 1)));

    expect(await readBatchLimit(connection, silent, topic)).toBe(SEALED_MESSAGE_BYTES);
    const settings = { partitions: 3, replicationFactor: 1, minInSyncReplicas: 1, retentionMs: DEFAULT_RETENTION_MS };
    expect(await checkTopic(connection, silent, { topic, ...settings })).toEqual({
      success: false,
      problems: [expect.stringContaining('is sealed')],
    });
    const producer = createKafka(connection, silent, { retry: { retries: 0 } }).producer();
    await producer.connect();
    for (const bytes of [13, 32, 500]) {
      const sending = producer.send({ topic, acks: -1, messages: [{ partition: 1, value: Buffer.alloc(bytes, 1) }] });
      await expect(sending).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' });
    }
    await producer.disconnect();
    const after = await readLog(connection, topic);
    for (const partition of [0, 1, 2]) {
      const values = (after.get(partition) ?? []).map(({ value }) => value);
      expect(values).toHaveLength(Number(ends[partition]));
      expect(values.at(-1)).toBe(END_MARK.toString());
    }
  });

  it('can be sealed and ended again: only marks come behind the first ends', async () => {
    const topic = await testTopic({ partitions: 3 });
    const first = await sealed(topic);
    const second = await sealed(topic);
    expect(second).toEqual(first.map((end) => end + 1n));
    const records = [...(await readLog(connection, topic)).values()].flat();
    expect(records.every(({ value }) => isEndMark(Buffer.from(value)))).toBe(true);
  });
});

describe('a topic that is not sealed', () => {
  it('is told by what its leaders take, and that does no harm', async () => {
    const topic = await testTopic({ partitions: 3 });
    expect(await endPartitions(connection, silent, topic)).toEqual({ success: false, reason: 'OPEN', partition: 0 });
    expect(await readUnsealedBrokers(connection, silent, topic)).toEqual(connection.brokers);
    const records = [...(await readLog(connection, topic)).values()].flat();
    expect(records.map(({ value }) => isEndMark(Buffer.from(value)))).toEqual([true]);
  });
});
