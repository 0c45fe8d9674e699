import { DEFAULT_KEY_RULE, partitionOf, topicName } from '@hookline/contracts';
import { readGenerations, type Database, type TopicGeneration } from '@hookline/database';
import { countPartitions, kafkaConnection, readLogBounds, readLogLifetime } from '@hookline/kafka';
import { silentLogger } from './kafka-access.ts';
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

/** A topic whose records may be of somebody. */
export type Log = Pick<TopicGeneration, 'topic' | 'partitions' | 'keyRule'>;

/**
 * The topics that had, have or will have deliveries: a former generation keeps its records, though it is read no more.
 *
 * @throws {HooklineError} as `withDatabase` does
 */
export async function readLogs(database: Database, config: PartitionConfig): Promise<Log[]> {
  const { topic: base, topicGeneration, topicPartitions: partitions, keyRule } = config;
  const names = Array.from({ length: topicGeneration + 1 }, (_, n) => topicName(base, n + 1));
  const topic = topicName(base, topicGeneration);
  const others = (await readGenerations(database, names)).filter((one) => one.topic !== topic);
  return [{ topic, partitions, keyRule }, ...others];
}

/** Asks Kafka; never rejects, since what the database has can go without it. What a topic has not, nobody is told of. */
export async function askStillInLogs(
  config: PartitionConfig,
  logs: readonly Log[],
  keys: readonly string[],
): Promise<{ success: true; logs: StillInLog[] } | { success: false; problem: string }> {
  try {
    const found = await Promise.all(logs.map((log) => ask(config, log, keys)));
    return { success: true, logs: found.filter((one) => one !== null) };
  } catch (error) {
    return { success: false, problem: `Kafka could not be asked what it still holds: ${messageOf(error)}` };
  }
}

async function ask(
  config: PartitionConfig,
  { topic, partitions, keyRule }: Log,
  keys: readonly string[],
): Promise<StillInLog | null> {
  const connection = kafkaConnection(config);
  const logger = silentLogger();
  const isCurrent = topic === topicName(config.topic, config.topicGeneration);
  const [key] = keys;
  // By another rule what is of a repository has another key, which is not known here.
  const isItsOwn = keyRule === DEFAULT_KEY_RULE;
  const partition = key === undefined || keys.length > 1 || !isItsOwn ? null : partitionOf(key, partitions);
  // A former topic was deleted, or the next one is not there yet.
  if (!isCurrent && (await countPartitions(connection, logger, topic)) === null) return null;
  const bounds = await readLogBounds(connection, logger, { topic });
  const { retentionMs, segmentMs } = await readLogLifetime(connection, logger, topic);
  const records = [...bounds]
    .filter(([number]) => partition === null || number === partition)
    .reduce((sum, [, { start, end }]) => sum + end - start, 0n);
  if (records === 0n && !isCurrent) return null;
  const until = retentionMs === null ? null : new Date(Date.now() + retentionMs + segmentMs).toISOString();
  return { topic, partition, records: String(records), until };
}

/** What it says, for people. */
export function stillInLogText({ topic, partition, records, until }: StillInLog): string {
  const where = partition === null ? `any partition of ${topic}` : `partition ${partition} of ${topic}`;
  const end = until === null ? 'and the topic keeps records for ever' : `until ${until} at the latest`;
  return `Kafka cannot be erased from: bodies may still be in ${where} (${records} records of everybody), ${end}.`;
}
