import { beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import { createSchemaRegistry } from '@hookline/kafka';
import { testStack, testTopic, type StackAddresses } from '@hookline/local-stack';
import { createLogger, createMetrics, readConfig } from '@hookline/runtime';
import { readDeliveries } from '@hookline/test-support';
import { aJob, anAttempt } from '../../testing/a-job.ts';
import { createJobs, type JobTools } from './create-jobs.ts';
import { jobOptions } from './job-options.ts';
import { kafkaPublish } from './kafka-publish.ts';

let stack: StackAddresses;
let topic: string;
const PARTITIONS = 3;
const logger = createLogger({ service: 'test', level: 'silent' });

beforeAll(async () => {
  stack = await testStack();
  topic = await testTopic({ partitions: PARTITIONS });
  await createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 5000 }, logger).registerDeliverySchema(topic);
});

const noNext: JobTools['nextTopic'] = () => Promise.resolve({ success: false, problem: 'none follows' });

function jobs(environment: Record<string, string>, nextTopic = noNext) {
  const read = readConfig(jobOptions, environment);
  if (!read.success) throw new Error(read.errors.join('\n'));
  const metrics = createMetrics({ service: 'test' });
  return createJobs({ ...read.config, attemptDeadlineMs: 10_000 }, { logger, metrics, nextTopic });
}

const environment = (): Record<string, string> => ({
  HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
  HOOKLINE_REGISTRY_URL: stack.registryUrl,
  HOOKLINE_JOB_TOPIC: topic,
  HOOKLINE_JOB_TOPIC_PARTITIONS: String(PARTITIONS),
});

describe('kafka.publish', () => {
  it('appends a job as a delivery of its own, which is the same one when it is appended again', async () => {
    const made = jobs(environment());
    await made.start();
    try {
      const [kind] = made.kinds;
      const asked = aJob();
      const attempt = anAttempt();
      const partition = partitionOf(asked.orderingKey, PARTITIONS);
      for (const offset of ['0', '1']) {
        expect(await kind?.send(asked, attempt)).toEqual({ outcome: 'sent', result: { topic, partition, offset } });
      }
      expect(attempt.begun).toBe(2);
      const [first, second] = await readDeliveries(stack, topic);
      expect(first?.delivery).toMatchObject({
        guid: asked.effectId,
        source: 'hookline.jobs',
        dedupScope: 'hookline.jobs',
        event: 'hookline_job',
        action: 'sync',
        repositoryId: '7',
        eventProblem: null,
        receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      });
      expect(JSON.parse(first?.delivery.body.toString() ?? '')).toEqual({
        job: 'sync',
        payload: { all: true },
        cause: { guid: asked.guid, event: 'push', action: null, source: 'main', handler: 'ask' },
      });
      expect(second?.delivery).toEqual(first?.delivery);
      expect(first).toMatchObject({ key: asked.orderingKey, partition });
    } finally {
      await made.stop();
    }
  });

  it('is no kind of a relay that has no Kafka', async () => {
    const made = jobs({ HOOKLINE_KAFKA_BROKERS: 'localhost:1' });
    await made.start();
    expect(made.kinds).toEqual([]);
    await made.stop();
  });

  it.each([
    ['UNAVAILABLE', { outcome: 'ambiguous', error: 'UNAVAILABLE: why' }],
    ['STOPPING', { outcome: 'ambiguous', error: 'STOPPING: why' }],
    ['OVERLOADED', { outcome: 'limited', error: 'OVERLOADED: why', afterMs: 500 }],
    ['TOO_LARGE', { outcome: 'refused', error: 'TOO_LARGE: why' }],
  ] as const)('knows what %s says of the job', async (reason, outcome) => {
    const first = {
      topic,
      partitions: 1,
      schemaId: () => Promise.resolve(1),
      append: () => Promise.resolve({ success: false as const, reason, detail: 'why' }),
    };
    const after = () => Promise.reject(new Error('It has not ended.'));
    const kind = kafkaPublish({ logs: { first, after }, encode: () => Buffer.alloc(0) });
    expect(await kind.send(aJob(), anAttempt())).toEqual(outcome);
    expect(await kind.send(aJob({ request: { payload: 1 } }), anAttempt())).toMatchObject({ outcome: 'refused' });
    expect(kind.onAmbiguous(aJob())).toBe('resend');
    expect(kind.maxAttempts?.(aJob())).toBe(Number.POSITIVE_INFINITY);
    expect(kind.target(aJob())).toBe(`kafka ${topic}`);
  });
});
