import { DEFAULT_KEY_RULE, kafkaGroupId, partitionOf, topicName } from '@hookline/contracts';
import { readLogBounds, readLogLifetime } from '@hookline/kafka';
import { connectionOf, silentLogger } from './kafka-access.ts';
import { messageOf } from './message-of.ts';
import type { PartitionConfig } from './partitions-kafka.ts';

/** What the log may still have of somebody: out of reach, until it expires. */
export interface StillInLog {
  topic: string;
  /** Null: any of them. */
  partition: number | null;
  /** Records of everybody in that part of the log. */
  records: string;
  /** When what is there now is gone at the latest; null: never. */
  until: string | null;
}

/** Asks Kafka; never rejects, since what the database has can go without it. */
export async function askStillInLog(
  config: PartitionConfig,
  keys: readonly string[],
): Promise<{ success: true; log: StillInLog } | { success: false; problem: string }> {
  const connection = connectionOf(config);
  const logger = silentLogger();
  const topic = topicName(config.topic, config.topicGeneration);
  const [key] = keys;
  // By another rule what is of a repository has another key, which is not known here.
  const isItsOwn = config.keyRule === DEFAULT_KEY_RULE;
  const partition = key === undefined || keys.length > 1 || !isItsOwn ? null : partitionOf(key, config.topicPartitions);
  try {
    const groupId = kafkaGroupId(config.consumerGroup, topic);
    const bounds = await readLogBounds(connection, logger, { topic, groupId });
    const { retentionMs, segmentMs } = await readLogLifetime(connection, logger, topic);
    const records = [...bounds]
      .filter(([number]) => partition === null || number === partition)
      .reduce((sum, [, { start, end }]) => sum + end - start, 0n);
    const until = retentionMs === null ? null : new Date(Date.now() + retentionMs + segmentMs).toISOString();
    return { success: true, log: { topic, partition, records: String(records), until } };
  } catch (error) {
    return { success: false, problem: `Kafka could not be asked what it still holds: ${messageOf(error)}` };
  }
}

/** What it says, for people. */
export function stillInLogText({ topic, partition, records, until }: StillInLog): string {
  const where = partition === null ? `any partition of ${topic}` : `partition ${partition} of ${topic}`;
  const end = until === null ? 'and the topic keeps records for ever' : `until ${until} at the latest`;
  return `Kafka cannot be erased from: bodies may still be in ${where} (${records} records of everybody), ${end}.`;
}
