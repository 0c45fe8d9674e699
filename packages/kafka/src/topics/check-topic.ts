import { isSealed, topicConfig } from '@hookline/contracts';
import type { Logger } from '@hookline/runtime';
import type { Admin } from 'kafkajs';
import type { KafkaConnection } from '../client/create-kafka.ts';
import type { DeliveriesTopic } from './create-topic.ts';
import { partitionsOf } from './partitions-of.ts';
import { topicConfigOf } from './topic-config.ts';
import { withAdmin } from './with-admin.ts';

export type TopicCheck = { success: true } | { success: false; problems: string[] };

/** What Kafka says about a topic. */
export interface ActualTopic {
  /** Number of copies of each partition; its length is the partition count. */
  replicas: number[];
  config: Record<string, string>;
}

/**
 * Compares the log's topic in Kafka with the settings that it should have: partition count, number of copies, and
 * every configuration value that we set. Changes nothing.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE
 */
export async function checkTopic(
  connection: KafkaConnection,
  logger: Logger,
  expected: DeliveriesTopic,
): Promise<TopicCheck> {
  const actual = await withAdmin(connection, logger, (admin) => readTopic(admin, expected));
  const problems = topicProblems(expected, actual);
  return problems.length === 0 ? { success: true } : { success: false, problems };
}

/** Every difference in words, each with what to do about it. `actual` is null where the topic does not exist. */
export function topicProblems({ topic, ...settings }: DeliveriesTopic, actual: ActualTopic | null): string[] {
  if (actual === null) return [missingTopicProblem(topic)];
  const problems: string[] = [];
  const partitions = actual.replicas.length;
  if (partitions !== settings.partitions) problems.push(partitionCountProblem(topic, partitions, settings.partitions));
  const fewest = Math.min(...actual.replicas);
  if (fewest < settings.replicationFactor) {
    problems.push(
      `Topic ${topic} keeps ${fewest} copies of a partition where ${settings.replicationFactor} are configured. ` +
        'Add copies with kafka-reassign-partitions.sh, or configure the number that it has.',
    );
  }
  for (const [name, value] of Object.entries(topicConfig(settings))) {
    const found = actual.config[name];
    if (found === value) continue;
    if (name === 'max.message.bytes' && isSealed(found)) {
      // Whoever raised it would have Kafka take deliveries that nobody reads.
      problems.push(
        `Topic ${topic} is sealed: its generation has ended, see hookline topics generation. Leave ${name} as it is.`,
      );
      continue;
    }
    problems.push(
      `Topic ${topic} has ${name}=${found ?? '(unknown)'} where ${value} is configured. Set it: ` +
        `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${name}=${value}.`,
    );
  }
  return problems;
}

/** That a topic is not there, and what to do. */
export function missingTopicProblem(topic: string): string {
  return `Topic ${topic} does not exist. Create it: hookline topics create.`;
}

/** Why nothing may be written to, or read from, a topic whose partition count is not the recorded one. */
export function partitionCountProblem(topic: string, actual: number, configured: number): string {
  return (
    `Topic ${topic} has ${actual} partitions where ${configured} are configured (HOOKLINE_TOPIC_PARTITIONS). ` +
    'A topic is never grown in place, since keys would change their partition: configure the count that the topic ' +
    'was created with, or create a new topic generation.'
  );
}

async function readTopic(admin: Admin, { topic, ...settings }: DeliveriesTopic): Promise<ActualTopic | null> {
  const partitions = await partitionsOf(admin, topic);
  if (partitions === null) return null;
  const entries = await topicConfigOf(admin, topic, Object.keys(topicConfig(settings)));
  return {
    replicas: partitions.map(({ replicas }) => replicas.length),
    config: Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue])),
  };
}
