import { createDeliveryLog, createSchemaRegistry } from '@hookline/kafka';
import type { EffectKind, Logger, Metrics } from '@hookline/runtime';
import type { JobConfig } from './job-options.ts';
import { kafkaPublish } from './kafka-publish.ts';

/** The kind of jobs, and what it appends them with. */
export interface Jobs {
  kinds: EffectKind[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Of an attempt's deadline, what is left for all but the append. */
const APPEND_SHARE = 0.8;

/** None where no brokers or no registry are configured. */
export function createJobs(
  config: JobConfig & { attemptDeadlineMs: number },
  tools: { logger: Logger; metrics: Metrics },
): Jobs {
  const { kafkaBrokers, kafkaClientId, registryUrl, registryTimeoutMs, jobTopic, jobTopicPartitions, keyRule } = config;
  if (kafkaBrokers === undefined || registryUrl === undefined) {
    return { kinds: [], start: () => Promise.resolve(), stop: () => Promise.resolve() };
  }
  const deadlineMs = Math.floor(config.attemptDeadlineMs * APPEND_SHARE);
  const registry = createSchemaRegistry({ url: registryUrl, timeoutMs: registryTimeoutMs }, tools.logger);
  const log = createDeliveryLog(
    {
      connection: { brokers: kafkaBrokers, clientId: kafkaClientId },
      topic: jobTopic,
      partitions: jobTopicPartitions,
      deadlineMs,
      sendTimeoutMs: Math.floor(deadlineMs / 3),
    },
    tools,
  );
  let schemaId: number | undefined;
  const kind = kafkaPublish({
    log,
    topic: jobTopic,
    partitions: jobTopicPartitions,
    schemaId: async () => (schemaId ??= await registry.deliverySchemaId(jobTopic, keyRule)),
    encode: registry.encodeDelivery,
  });
  return { kinds: [kind], start: () => log.start(), stop: () => log.stop() };
}
