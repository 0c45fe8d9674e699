import { randomBytes } from 'node:crypto';
import { DEFAULT_RETENTION_MS } from '@hookline/contracts';
import { createDeliveriesTopic, createSchemaRegistry } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import type { StackAddresses } from '../stack.ts';
import { waitUntil } from '../wait-until.ts';
import { testStack } from './test-stack.ts';

export interface TestTopicOptions {
  /** Default 4. */
  partitions?: number;
  /** Default 1. */
  replicationFactor?: number;
  /** Default: this run's stack. */
  stack?: StackAddresses;
}

const TOPIC_TIMEOUT_MS = 30_000;
const REGISTRY_TIMEOUT_MS = 10_000;

/** A deliveries topic of this test's own, with the settings of a real one, its schemas registered. Resolves to its name. */
export async function testTopic(options: TestTopicOptions = {}): Promise<string> {
  const { brokers, registryUrl } = options.stack ?? (await testStack());
  const topic = `test.${randomBytes(6).toString('hex')}`;
  const logger = createLogger({ service: 'test-topic', level: 'error' });
  const settings = {
    topic,
    partitions: options.partitions ?? 4,
    replicationFactor: options.replicationFactor ?? 1,
    minInSyncReplicas: 1,
    retentionMs: DEFAULT_RETENTION_MS,
  };
  // A broker may not know a topic for a moment after the controller has made it, and says so.
  await waitUntil(`topic ${topic}`, TOPIC_TIMEOUT_MS, async () => {
    await createDeliveriesTopic({ brokers, clientId: 'test-topic' }, logger, settings);
    return true;
  });
  if (registryUrl !== '') {
    const registry = createSchemaRegistry({ url: registryUrl, timeoutMs: REGISTRY_TIMEOUT_MS }, logger);
    await registry.registerDeliverySchema(topic);
    await registry.registerControlSchema(topic);
  }
  return topic;
}
