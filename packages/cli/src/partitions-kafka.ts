import { setTimeout as delay } from 'node:timers/promises';
import { kafkaGroupId, topicName } from '@hookline/contracts';
import { kafkaConnection, readGroupPartitions, readLogBounds, type LogBounds } from '@hookline/kafka';
import type { ConfigOf } from '@hookline/runtime';
import { silentLogger } from './kafka-access.ts';
import { messageOf } from './message-of.ts';
import type { partitionOptions } from './settings.ts';

export type PartitionConfig = ConfigOf<typeof partitionOptions>;

/** What Kafka says about the log and its readers now. */
export interface KafkaView {
  bounds: ReadonlyMap<number, LogBounds>;
  /** Partitions that a processor has in the consumer group. */
  assigned: ReadonlySet<number>;
}

const TRIES = 10;
const RETRY_MS = 300;

/** Asks Kafka; never rejects, since much can be said and decided without it. */
export async function askKafka(
  config: PartitionConfig,
): Promise<{ success: true; view: KafkaView } | { success: false; problem: string }> {
  const logger = silentLogger();
  const connection = kafkaConnection(config);
  const topic = topicName(config.topic, config.topicGeneration);
  const where = { topic, groupId: kafkaGroupId(config.consumerGroup, topic) };
  for (let tries = 1; ; tries++) {
    try {
      const [bounds, assigned] = await Promise.all([
        readLogBounds(connection, logger, where),
        readGroupPartitions(connection, logger, where),
      ]);
      return { success: true, view: { bounds, assigned } };
    } catch (error) {
      // A broker that has just become the group's coordinator is still reading what the group was.
      const passing = (error as { retriable?: unknown }).retriable === true;
      if (!passing || tries === TRIES) {
        return { success: false, problem: `Kafka could not be asked about ${topic}: ${messageOf(error)}` };
      }
      await delay(RETRY_MS);
    }
  }
}
