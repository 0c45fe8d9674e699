import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testStack, testTopic } from '@hookline/local-stack';
import type { KafkaConnection } from './client/create-kafka.ts';
import { readTopic, readTopicEnds } from './read-topic.ts';
import { openLog, silent, type OpenLog } from './testing/open-log.ts';
import { withAdmin } from './topics/with-admin.ts';

let connection: KafkaConnection;
let log: OpenLog | undefined;

beforeAll(async () => {
  connection = { brokers: (await testStack()).brokers, clientId: 'read-topic-test' };
});
afterEach(async () => {
  await log?.stop();
  log = undefined;
});

/** A topic with records `0` to `9` in partition 0, `0` to `4` in partition 1 and none in partition 2. */
async function filledTopic(): Promise<string> {
  const topic = await testTopic({ partitions: 3 });
  log = await openLog({ connection, topic, partitions: 3 });
  for (let i = 0; i < 10; i += 1) await log.put(0, String(i));
  for (let i = 0; i < 5; i += 1) await log.put(1, String(i));
  return topic;
}
const texts = (records: { partition: number; value: Buffer | null }[]) =>
  records.map(({ partition, value }) => `${partition}:${String(value)}`);

// A check that reads the log must see all of a stretch and nothing else, and must not hang where records are gone.
describe('readTopic', () => {
  it('reads a stretch, each partition in order, and leaves no group behind', async () => {
    const topic = await filledTopic();
    const to = await readTopicEnds(connection, silent, topic);
    expect(to).toEqual(
      new Map([
        [0, 10n],
        [1, 5n],
        [2, 0n],
      ]),
    );

    const groups = () => withAdmin(connection, silent, async (admin) => (await admin.listGroups()).groups);
    const before = new Set((await groups()).map(({ groupId }) => groupId));
    const all = await readTopic(connection, silent, { topic, from: new Map(), to, timeoutMs: 30_000 });
    const numbers = Array.from({ length: 10 }, (_, i) => i);
    expect(texts(all)).toEqual([...numbers.map((i) => `0:${i}`), ...numbers.slice(0, 5).map((i) => `1:${i}`)]);
    const left = (await groups()).filter(({ groupId }) => groupId.startsWith('hookline-read-') && !before.has(groupId));
    expect(left).toEqual([]);

    const range = {
      topic,
      from: new Map([
        [0, 8n],
        [1, 5n],
      ]),
      to,
      timeoutMs: 30_000,
    };
    expect(texts(await readTopic(connection, silent, range))).toEqual(['0:8', '0:9']);
    const before9 = { ...range, to: new Map([[0, 9n]]) };
    expect(texts(await readTopic(connection, silent, before9))).toEqual(['0:8']);
  });

  it('asks nobody where there is nothing to read', async () => {
    const nowhere = { brokers: ['127.0.0.1:1'], clientId: 'test' };
    const from = new Map([[0, 5n]]);
    expect(await readTopic(nowhere, silent, { topic: 'none', from, to: from, timeoutMs: 1000 })).toEqual([]);
  });

  it('gives up on records that never come, and says how many', async () => {
    const topic = await filledTopic();
    const range = { topic, from: new Map([[0, 8n]]), to: new Map([[0, 12n]]), timeoutMs: 5_000 };
    await expect(readTopic(connection, silent, range)).rejects.toThrow(/^2 records of .* have not come within 5 s\.$/);
  });

  it('rejects when Kafka is not there', async () => {
    const nowhere = { brokers: ['127.0.0.1:1'], clientId: 'test' };
    const range = { topic: 'none', from: new Map<number, bigint>(), to: new Map([[0, 1n]]), timeoutMs: 1_000 };
    await expect(readTopic(nowhere, silent, range)).rejects.toThrow();
    await expect(readTopicEnds(nowhere, silent, 'none')).rejects.toThrow('No Kafka broker answers');
  });
});
