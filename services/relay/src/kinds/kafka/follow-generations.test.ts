import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_RETENTION_MS, partitionOf, topicName, type KeyRule } from '@hookline/contracts';
import { recordTopicGeneration, type Database } from '@hookline/database';
import { createDeliveriesTopic, createSchemaRegistry, sealTopic } from '@hookline/kafka';
import { testDatabase, testStack, testTopic, type StackAddresses, type TestDatabase } from '@hookline/local-stack';
import { createLogger, createMetrics, readConfig } from '@hookline/runtime';
import { connectTo, readDeliveries, until } from '@hookline/test-support';
import { aJob, anAttempt } from '../../testing/a-job.ts';
import { createJobs } from './create-jobs.ts';
import { jobOptions } from './job-options.ts';
import { nextJobTopic } from './next-job-topic.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const NEXT = 7;

let stack: StackAddresses;
let own: TestDatabase;
let owner: Database;
/** As relays see it. */
let database: Database;

beforeAll(async () => {
  stack = await testStack();
  own = await testDatabase();
  owner = connectTo(own.url);
  database = connectTo(own.services.relay);
});
afterAll(async () => {
  await Promise.all([owner.close(), database.close()]);
  await own.drop();
});

const connection = () => ({ brokers: stack.brokers, clientId: 'follow-generations-test' });

async function prepareNext(topic: string): Promise<string> {
  const next = topicName(topic, 2);
  const settings = { partitions: NEXT, replicationFactor: 1, minInSyncReplicas: 1, retentionMs: DEFAULT_RETENTION_MS };
  await createDeliveriesTopic(connection(), logger, { topic: next, ...settings });
  await createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger).registerDeliverySchema(next);
  await recordTopicGeneration(owner, { topic: next, generation: 2, partitions: NEXT });
  return next;
}

describe('jobs, when their topic has ended', () => {
  it('go on in the next generation when it is recorded, and wait while it is not', async () => {
    const topic = await testTopic({ partitions: 3 });
    await createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger).registerDeliverySchema(topic);
    await recordTopicGeneration(owner, { topic, generation: 1, partitions: 3 });
    const read = readConfig(jobOptions, {
      HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
      HOOKLINE_REGISTRY_URL: stack.registryUrl,
      HOOKLINE_JOB_TOPIC: topic,
      HOOKLINE_JOB_TOPIC_PARTITIONS: '3',
    });
    if (!read.success) throw new Error(read.errors.join('\n'));
    const followed: string[] = [];
    const jobs = createJobs(
      { ...read.config, attemptDeadlineMs: 30_000 },
      {
        logger,
        metrics: createMetrics({ service: 'test' }),
        async nextTopic(name, rule) {
          const found = await nextJobTopic(database, name, rule);
          if (found.success) followed.push(found.topic);
          return found;
        },
      },
    );
    await jobs.start();
    try {
      const send = (job = aJob()) => jobs.kinds[0]?.send(job, anAttempt());
      expect(await send()).toMatchObject({ outcome: 'sent', result: { topic } });
      await sealTopic(connection(), logger, topic);
      const refused = await until('it is sealed', async () => {
        const result = await send();
        return result?.outcome === 'failed' && result;
      });
      expect(refused).toEqual({
        outcome: 'failed',
        error: `SEALED: ${topic} has ended, and the topic ${topic}.g2, which would follow, is not recorded.`,
      });
      const next = await prepareNext(topic);
      const job = aJob();
      const partition = partitionOf(job.orderingKey, NEXT);
      const sent = await until('it goes on', async () => {
        const results = await Promise.all([send(job), send(job)]);
        return results.every((result) => result?.outcome === 'sent') && results;
      });
      expect(sent).toMatchObject([{ result: { topic: next, partition } }, { result: { topic: next, partition } }]);
      // Else each job that finds the end of the topic would open a connection of its own.
      expect(followed).toEqual([next]);
      const records = await readDeliveries(stack, next);
      expect(new Set(records.map(({ delivery }) => delivery.guid))).toEqual(new Set([job.effectId]));
      expect(records).toContainEqual(expect.objectContaining({ key: job.orderingKey, partition }));
    } finally {
      await jobs.stop();
    }
  });
});

describe('nextJobTopic', () => {
  const record = (topic: string, generation: number, keyRule: KeyRule = 'repository') =>
    recordTopicGeneration(owner, { topic, generation, partitions: 4 + generation, keyRule });

  it('is the generation behind, of whichever the name is', async () => {
    await record('jobs', 1);
    await record('jobs.g2', 2);
    await record('jobs.g3', 3, 'owner');
    expect(await nextJobTopic(database, 'jobs', 'repository')).toEqual({
      success: true,
      topic: 'jobs.g2',
      partitions: 6,
    });
    expect(await nextJobTopic(database, 'jobs.g2', 'repository')).toEqual({
      success: false,
      problem:
        'jobs.g3 is ordered by owner: set HOOKLINE_JOB_TOPIC, HOOKLINE_JOB_TOPIC_PARTITIONS and HOOKLINE_KEY_RULE',
    });
    expect(await nextJobTopic(database, 'jobs.g3', 'owner')).toEqual({
      success: false,
      problem: 'the topic jobs.g4, which would follow, is not recorded',
    });
    // A second generation whose name does not say so, as of a topic that was there before.
    await record('renamed', 2);
    expect(await nextJobTopic(database, 'renamed', 'repository')).toMatchObject({
      problem: 'the topic renamed.g3, which would follow, is not recorded',
    });
    expect(await nextJobTopic(database, 'other', 'owner')).toEqual({
      success: false,
      problem: 'the topic other is not recorded in this database',
    });
  });
});
