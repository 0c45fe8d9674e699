import type { Logger } from '@hookline/runtime';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { topicConfigOf } from './topic-config.ts';
import { withAdmin } from './with-admin.ts';

const CONFIG_NAMES = ['retention.ms', 'segment.ms'];

/**
 * How long Kafka keeps the records of a topic, in milliseconds, as the topic is now: a segment goes when its newest
 * record is older than `retentionMs` (null: never), and its oldest one can be older by `segmentMs`.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE; what KafkaJS throws where the topic does not exist
 */
export function readLogLifetime(
  connection: KafkaConnection,
  logger: Logger,
  topic: string,
): Promise<{ retentionMs: number | null; segmentMs: number }> {
  return withAdmin(connection, logger, async (admin) => {
    const entries = await topicConfigOf(admin, topic, CONFIG_NAMES);
    const [retentionMs, segmentMs] = CONFIG_NAMES.map((name) => {
      const value = entries.find(({ configName }) => configName === name)?.configValue;
      if (value === undefined) throw new Error(`Kafka does not tell the ${name} of topic ${topic}.`);
      return Number(value);
    }) as [number, number];
    return { retentionMs: retentionMs < 0 ? null : retentionMs, segmentMs };
  });
}
