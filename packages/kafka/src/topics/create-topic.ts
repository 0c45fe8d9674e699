import { setTimeout as delay } from 'node:timers/promises';
import { topicConfig, type TopicSettings } from '@hookline/contracts';
import { HooklineError, type Logger } from '@hookline/runtime';
import type { Admin } from 'kafkajs';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { partitionsOf } from './partitions-of.ts';
import { withAdmin } from './with-admin.ts';

/** Milliseconds for a new topic's partitions to get their leaders. */
const LEADERS_TIMEOUT_MS = 20_000;
const LEADERS_POLL_MS = 100;

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
      waitForLeaders: false,
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
    await untilLed(admin, topic);
    return created ? 'created' : 'exists';
  });
}

/**
 * A broker may not know a topic for a moment after the controller has made it, and says that it does not host it.
 * KafkaJS's own wait takes that answer for final.
 */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  const giveUpAt = performance.now() + LEADERS_TIMEOUT_MS;
  for (;;) {
    const partitions = await partitionsOf(admin, topic).catch((error: unknown) => {
      if (performance.now() > giveUpAt) throw error;
      return null;
    });
    if (partitions?.every(({ leader }) => leader >= 0)) return;
    if (performance.now() > giveUpAt) {
      throw new HooklineError(
        'KAFKA_UNAVAILABLE',
        `Topic ${topic} exists, but not all of its partitions have a leader after ${LEADERS_TIMEOUT_MS / 1000} s. ` +
          'Check that enough brokers run, then run the same command again.',
      );
    }
    await delay(LEADERS_POLL_MS);
  }
}

/** KafkaJS's own message is "Topic creation errors"; what Kafka said is inside. */
function refusedTopic(topic: string, { replicationFactor }: TopicSettings, cause: unknown): unknown {
  if (!(cause instanceof Error && 'errors' in cause && Array.isArray(cause.errors))) return cause;
  const said = (cause.errors as Error[]).map(({ message }) => message.replace(/[.\s]+$/, '')).join('. ');
  return new HooklineError(
    'TOPIC_REFUSED',
    `Kafka refused to create topic ${topic}: ${said}. With fewer than ${replicationFactor} brokers, set ` +
      'HOOKLINE_TOPIC_REPLICATION_FACTOR (and HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS) to what there is.',
    { cause },
  );
}
