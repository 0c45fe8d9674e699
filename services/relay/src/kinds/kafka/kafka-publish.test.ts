import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import { createSchemaRegistry } from '@hookline/kafka';
import { testStack, testTopic, type StackAddresses } from '@hookline/local-stack';
import { createLogger, createMetrics, readConfig, type Attempt, type SendableEffect } from '@hookline/runtime';
import { readDeliveries } from '@hookline/test-support';
import { createJobs } from './create-jobs.ts';
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

function effect(given: Partial<SendableEffect> = {}): SendableEffect {
  return {
    effectId: randomUUID(),
    kind: 'kafka.publish',
    orderingKey: 'github.com/repository/7',
    queue: '',
    handler: 'ask',
    guid: randomUUID(),
    digest: Buffer.alloc(32),
    event: 'push',
    action: null,
    source: 'main',
    repositoryId: '7',
    request: { job: 'sync', payload: { all: true } },
    headers: null,
    body: null,
    traceparent: '00-trace-span-01',
    attempts: 1,
    createdAt: new Date('2026-01-02T03:04:05Z'),
    ...given,
  };
}

function anAttempt(): Attempt & { begun: number } {
  const attempt = {
    effectId: 'x',
    number: 1,
    signal: new AbortController().signal,
    deadlineMs: 10_000,
    begun: 0,
    begin: () => void (attempt.begun += 1),
  };
  return attempt;
}

function jobs(environment: Record<string, string>) {
  const read = readConfig(jobOptions, environment);
  if (!read.success) throw new Error(read.errors.join('\n'));
  const metrics = createMetrics({ service: 'test' });
  return createJobs({ ...read.config, attemptDeadlineMs: 10_000 }, { logger, metrics });
}

describe('kafka.publish', () => {
  it('appends a job as a delivery of its own, which is the same one when it is appended again', async () => {
    const made = jobs({
      HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
      HOOKLINE_REGISTRY_URL: stack.registryUrl,
      HOOKLINE_JOB_TOPIC: topic,
      HOOKLINE_JOB_TOPIC_PARTITIONS: String(PARTITIONS),
    });
    await made.start();
    try {
      const [kind] = made.kinds;
      const asked = effect();
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
    ['SEALED', { outcome: 'failed', error: 'SEALED: why' }],
    ['OVERLOADED', { outcome: 'limited', error: 'OVERLOADED: why', afterMs: 500 }],
    ['TOO_LARGE', { outcome: 'refused', error: 'TOO_LARGE: why' }],
  ] as const)('knows what %s says of the job', async (reason, outcome) => {
    const kind = kafkaPublish({
      log: { append: () => Promise.resolve({ success: false, reason, detail: 'why' }) },
      topic,
      partitions: 1,
      schemaId: () => Promise.resolve(1),
      encode: () => Buffer.alloc(0),
    });
    expect(await kind.send(effect(), anAttempt())).toEqual(outcome);
    expect(await kind.send(effect({ request: { payload: 1 } }), anAttempt())).toMatchObject({ outcome: 'refused' });
    expect(kind.onAmbiguous(effect())).toBe('resend');
    expect(kind.maxAttempts?.(effect())).toBe(Number.POSITIVE_INFINITY);
    expect(kind.target(effect())).toBe(`kafka ${topic}`);
  });
});
