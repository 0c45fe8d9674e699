import { topicName, type KeyRule } from '@hookline/contracts';
import {
  createAppendEvents,
  createDeliveryLog,
  kafkaConnection,
  shareAppendEvents,
  type DeliveryLog,
  type OpenSocket,
  type SchemaRegistry,
} from '@hookline/kafka';
import type { ServiceContext } from '@hookline/runtime';
import type { IngestConfig } from '../config.ts';
import { keepTrying } from '../keep-trying.ts';
import { followSeal, type FollowedLog } from './follow-seal.ts';

const RETRY_MS = 1_000;

/** The log that the configuration names, and the one after it where it names one. */
export function createLog(
  { config, logger, metrics, clock }: ServiceContext<IngestConfig>,
  registry: Pick<SchemaRegistry, 'deliverySchemaId'>,
  openSocket: OpenSocket | undefined,
): FollowedLog {
  const eventsOf = shareAppendEvents(createAppendEvents(logger, metrics));
  const connection = kafkaConnection(config);
  const create = (generation: number, partitions: number): DeliveryLog =>
    createDeliveryLog(
      {
        connection,
        topic: topicName(config.topic, generation),
        partitions,
        deadlineMs: config.appendDeadlineMs,
        maxQueuedBytes: config.appendMaxBytes,
      },
      { logger, metrics, events: eventsOf() },
      openSocket ? { openSocket } : {},
    );
  const present = create(config.topicGeneration, config.topicPartitions);
  if (config.topicNextPartitions === 0) return present;

  const generation = config.topicGeneration + 1;
  const next = create(generation, config.topicNextPartitions);
  const schema = keepTrying({
    attempt: () => registry.deliverySchemaId(topicName(config.topic, generation), nextKeyRule(config)),
    retryMs: RETRY_MS,
    // There is none before the generation is prepared: that is ordinary.
    failed: (error) => logger.debug({ err: error }, 'the next topic generation has no schema yet'),
  });
  const log = followSeal(
    present,
    { log: next, partitions: config.topicNextPartitions, schemaId: schema },
    { deadlineMs: config.appendDeadlineMs, clock },
  );
  return {
    ...log,
    async start() {
      schema.start();
      await log.start();
    },
    async stop() {
      await log.stop();
      schema.stop();
    },
  };
}

/** The key rule of the generation after the configured one. */
export function nextKeyRule({ keyRule, nextKeyRule: next }: Pick<IngestConfig, 'keyRule' | 'nextKeyRule'>): KeyRule {
  return next === 'same' ? keyRule : next;
}
