import type { KeyRule } from '@hookline/contracts';
import {
  createAppendEvents,
  createDeliveryLog,
  createSchemaRegistry,
  kafkaConnection,
  registryConnection,
  shareAppendEvents,
  type DeliveryLog,
} from '@hookline/kafka';
import type { EffectKind, Logger, Metrics } from '@hookline/runtime';
import type { JobLog, JobLogs } from './job-log.ts';
import type { JobConfig } from './job-options.ts';
import { kafkaPublish } from './kafka-publish.ts';
import type { NextJobTopic } from './next-job-topic.ts';

/** The kind of jobs, and what it appends them with. */
export interface Jobs {
  kinds: EffectKind[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface JobTools {
  logger: Logger;
  metrics: Metrics;
  nextTopic: (topic: string, keyRule: KeyRule) => Promise<NextJobTopic>;
}

/** Of an attempt's deadline, what is left for all but the append. */
const APPEND_SHARE = 0.8;

/** None where no brokers or no registry are configured. */
export function createJobs(
  config: JobConfig & { attemptDeadlineMs: number },
  { logger, metrics, nextTopic }: JobTools,
): Jobs {
  const { kafkaBrokers, registryUrl, registryTimeoutMs, jobTopic, jobTopicPartitions, keyRule } = config;
  if (kafkaBrokers === undefined || registryUrl === undefined) {
    return { kinds: [], start: () => Promise.resolve(), stop: () => Promise.resolve() };
  }
  const deadlineMs = Math.floor(config.attemptDeadlineMs * APPEND_SHARE);
  const registry = createSchemaRegistry(
    { ...registryConnection({ ...config, registryUrl }), timeoutMs: registryTimeoutMs },
    logger,
  );
  const connection = kafkaConnection({ ...config, kafkaBrokers });
  const eventsOf = shareAppendEvents(createAppendEvents(logger, metrics));
  const opened: DeliveryLog[] = [];

  function open(topic: string, partitions: number): { log: JobLog; start: () => Promise<void> } {
    const log = createDeliveryLog(
      { connection, topic, partitions, deadlineMs, sendTimeoutMs: Math.floor(deadlineMs / 3) },
      { logger, metrics, events: eventsOf() },
    );
    opened.push(log);
    let id: number | undefined;
    const schemaId = async () => (id ??= await registry.deliverySchemaId(topic, keyRule));
    return { log: { topic, partitions, schemaId, append: (record) => log.append(record) }, start: () => log.start() };
  }

  const first = open(jobTopic, jobTopicPartitions);
  const logs = followed(first.log, async (topic) => {
    const next = await nextTopic(topic, keyRule);
    if (!next.success) return next;
    const { log, start } = open(next.topic, next.partitions);
    logger.info({ from: topic, to: next.topic }, 'the topic of jobs has ended: going on with the next one');
    await start();
    return { success: true, log };
  });
  return {
    kinds: [kafkaPublish({ logs, encode: registry.encodeDelivery })],
    start: () => first.start(),
    async stop() {
      await Promise.all(opened.map((log) => log.stop()));
    },
  };
}

/** Each topic is followed once, however many jobs find it ended at a time; what has failed is asked for again. */
function followed(first: JobLog, follow: (topic: string) => ReturnType<JobLogs['after']>): JobLogs {
  const next = new Map<JobLog, ReturnType<JobLogs['after']>>();
  return {
    first,
    async after(log) {
      const following = next.get(log) ?? follow(log.topic);
      next.set(log, following);
      let isFollowed = false;
      try {
        const found = await following;
        isFollowed = found.success;
        return found;
      } finally {
        if (!isFollowed) next.delete(log);
      }
    },
  };
}
