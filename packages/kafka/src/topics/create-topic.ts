import { topicConfig, type TopicSettings } from '@hookline/contracts';
import { HooklineError, type Logger } from '@hookline/runtime';
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
 * @throws {HooklineError} KAFKA_UNAVAILABLE, TOPIC_REFUSED
 */
export async function createDeliveriesTopic(
  connection: KafkaConnection,
  logger: Logger,
  { topic, ...settings }: DeliveriesTopic,
): Promise<'created' | 'exists'> {
  return await withAdmin(connection, logger, async (admin) => {
    const creating = admin.createTopics({
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
    const created = await creating.catch((error: unknown) => {
      throw refusedTopic(topic, settings, error);
    });
    return created ? 'created' : 'exists';
  });
}

/** KafkaJS's own message is "Topic creation errors"; what Kafka said is inside. */
function refusedTopic(topic: string, { replicationFactor }: TopicSettings, cause: unknown): unknown {
  if (!(cause instanceof Error && 'errors' in cause && Array.isArray(cause.errors))) return cause;
  const said = (cause.errors as Error[]).map(({ message }) => message).join(' ');
  return new HooklineError(
    'TOPIC_REFUSED',
    `Kafka refused to create topic ${topic}: ${said} With fewer than ${replicationFactor} brokers, set ` +
      'HOOKLINE_TOPIC_REPLICATION_FACTOR (and HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS) to what there is.',
    { cause },
  );
}
