import { topicConfig, type TopicSettings } from '@hookline/contracts';
import type { Logger } from '@hookline/runtime';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { withAdmin } from './with-admin.ts';

/** A topic by name, with what it must be like. */
export interface DeliveriesTopic extends TopicSettings {
  topic: string;
}

/**
 * Creates the log's topic and waits until each partition has a leader. Safe to repeat, and two at once: one of them
 * creates. A topic that is there is left as it is, whatever its settings: `checkTopic` tells about those.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE
 */
export async function createDeliveriesTopic(
  connection: KafkaConnection,
  logger: Logger,
  { topic, ...settings }: DeliveriesTopic,
): Promise<'created' | 'exists'> {
  return await withAdmin(connection, logger, async (admin) => {
    const created = await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: settings.partitions,
          replicationFactor: settings.replicationFactor,
          configEntries: Object.entries(topicConfig(settings)).map(([name, value]) => ({ name, value })),
        },
      ],
    });
    return created ? 'created' : 'exists';
  });
}
