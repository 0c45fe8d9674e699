import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_RETENTION_MS, topicConfig } from '@hookline/contracts';
import { testStack, testTopic } from '@hookline/local-stack';
import { aDelivery, appendDeliveries } from '@hookline/test-support';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { silent } from '../testing/open-log.ts';
import { checkTopic, topicProblems } from './check-topic.ts';
import { countPartitions } from './count-partitions.ts';
import { createDeliveriesTopic } from './create-topic.ts';
import { readLogBounds } from './read-log-bounds.ts';
import { withAdmin } from './with-admin.ts';

const settings = { partitions: 3, replicationFactor: 1, minInSyncReplicas: 1, retentionMs: DEFAULT_RETENTION_MS };
let connection: KafkaConnection;

beforeAll(async () => {
  connection = { brokers: (await testStack()).brokers, clientId: 'topics-test' };
});

const named = () => ({ topic: `test.${randomBytes(6).toString('hex')}`, ...settings });

describe('createDeliveriesTopic', () => {
  it('creates a topic that passes the check, and leaves one alone that is there', async () => {
    const wanted = named();
    expect(await createDeliveriesTopic(connection, silent, wanted)).toBe('created');
    expect(await checkTopic(connection, silent, wanted)).toEqual({ success: true });
    expect(await createDeliveriesTopic(connection, silent, { ...wanted, partitions: 9 })).toBe('exists');
    expect(await checkTopic(connection, silent, wanted)).toEqual({ success: true });
  });

  it('creates once when two try at the same time', async () => {
    const wanted = named();
    const both = await Promise.all([1, 2].map(() => createDeliveriesTopic(connection, silent, wanted)));
    expect(both.sort()).toEqual(['created', 'exists']);
  });

  it('passes on what Kafka has against it', async () => {
    const tooMany = { ...named(), replicationFactor: 9 };
    await expect(createDeliveriesTopic(connection, silent, tooMany)).rejects.toMatchObject({
      code: 'TOPIC_REFUSED',
      message: expect.stringMatching(
        /replication[^.]*[^.]\. With fewer than 9 brokers, set HOOKLINE_TOPIC_REPLICATION_FACTOR/i,
      ),
    });
  });

  it('says where it looked when no broker answers', async () => {
    const nowhere = { ...connection, brokers: ['127.0.0.1:1'] };
    await expect(createDeliveriesTopic(nowhere, silent, named())).rejects.toMatchObject({
      code: 'KAFKA_UNAVAILABLE',
      message: expect.stringContaining('127.0.0.1:1'),
    });
  }, 30_000);
});

describe('readLogBounds', () => {
  it('gives what each partition has, and what the group has committed there', async () => {
    const topic = await testTopic({ partitions: 2 });
    const deliveries = Array.from({ length: 20 }, (_, i) => aDelivery({ repository: i }));
    await appendDeliveries(await testStack(), { topic, partitions: 2 }, deliveries);
    await withAdmin(connection, silent, async (admin) => {
      // KafkaJS finds the leaders only of topics that it was asked about before.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '3' }] });
    });
    const groupId = randomBytes(6).toString('hex');
    await withAdmin(connection, silent, (admin) =>
      admin.setOffsets({ groupId, topic, partitions: [{ partition: 1, offset: '4' }] }),
    );
    const bounds = await readLogBounds(connection, silent, { topic, groupId });
    const [zero, one] = [bounds.get(0), bounds.get(1)];
    expect(zero).toMatchObject({ start: 0n, committed: null });
    expect(one).toMatchObject({ start: 3n, committed: 4n });
    expect((zero?.end ?? 0n) + (one?.end ?? 0n)).toBe(20n);
  });
});

describe('checkTopic', () => {
  it('names every difference, and what to do', async () => {
    const wanted = named();
    await createDeliveriesTopic(connection, silent, wanted);
    const other = { ...wanted, partitions: 4, replicationFactor: 3, retentionMs: 1 };
    expect(await checkTopic(connection, silent, other)).toEqual({
      success: false,
      problems: [
        expect.stringContaining('has 3 partitions where 4 are configured'),
        expect.stringContaining('keeps 1 copies of a partition where 3 are configured'),
        expect.stringContaining(`--add-config retention.ms=1`),
      ],
    });
  });

  it('says that a topic is missing', async () => {
    const wanted = named();
    const problems = [`Topic ${wanted.topic} does not exist. Create it: hookline topics create.`];
    expect(await checkTopic(connection, silent, wanted)).toEqual({ success: false, problems });
  });

  it('names a setting that Kafka does not tell', () => {
    const { 'cleanup.policy': _, ...config } = topicConfig(settings);
    const problems = topicProblems({ topic: 'log', ...settings }, { replicas: [2, 2, 2], config });
    expect(problems).toEqual([expect.stringContaining('cleanup.policy=(unknown) where delete is configured')]);
  });
});

describe('countPartitions', () => {
  it('counts those of a topic, and knows a topic that is not there', async () => {
    const wanted = named();
    expect(await countPartitions(connection, silent, wanted.topic)).toBeNull();
    await createDeliveriesTopic(connection, silent, wanted);
    expect(await countPartitions(connection, silent, wanted.topic)).toBe(3);
  });
});
