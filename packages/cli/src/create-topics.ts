import { isDeepStrictEqual } from 'node:util';
import { topicName, type KeyRule } from '@hookline/contracts';
import {
  readGenerations,
  readTopicGeneration,
  recordTopicGeneration,
  type Database,
  type DatabaseSettings,
  type TopicGeneration,
} from '@hookline/database';
import {
  checkTopic,
  createDeliveriesTopic,
  createSchemaRegistry,
  kafkaConnection,
  registryConnection,
  type DeliveriesTopic,
  type KafkaSettings,
  type RegistryConnectionSettings,
} from '@hookline/kafka';
import { HooklineError, type ConfigOf, type Logger } from '@hookline/runtime';
import type { topicOptions } from './settings.ts';
import { withDatabase } from './with-database.ts';

/** A topic as it is to be, in Kafka and in the registry. */
export interface WantedTopic extends DeliveriesTopic {
  keyRule: KeyRule;
}

type Connections = KafkaSettings & RegistryConnectionSettings & DatabaseSettings;

/** The settings of a topic; how connections are secured may be left out. */
export type TopicConfig = Connections & Omit<ConfigOf<typeof topicOptions>, keyof Connections>;

const REGISTRY_TIMEOUT_MS = 10_000;

export interface CreatedTopic {
  topic: string;
  partitions: number;
  created: boolean;
  /** Of deliveries. */
  schemaId: number;
  /** Of control records. */
  controlSchemaId: number;
}

/**
 * Makes everything about the log's topic true: the topic exists with our settings, its schemas are registered, its
 * partition count and key rule are recorded in the database. Safe to repeat. The record is compared first: a topic that was made
 * with another count could not be grown, nor shrunk, to what is recorded.
 *
 * @throws {HooklineError} TOPIC_MISMATCH, DATABASE_MISMATCH where what exists differs: it is never changed in place
 */
export async function createTopics(config: TopicConfig, logger: Logger): Promise<CreatedTopic> {
  const wanted = wantedTopic(config);
  const { topic, partitions, keyRule } = wanted;
  const generation = { topic, generation: config.topicGeneration, partitions, keyRule };
  const recorded = await withDatabase(config, async (database) => {
    await refuseBesideAnother(database, config);
    return readTopicGeneration(database, topic);
  });
  if (recorded && !isDeepStrictEqual(recorded, generation)) throw recordedOtherwise(recorded);

  const made = await makeTopic(config, wanted, logger);
  const record = await withDatabase(config, (database) => recordTopicGeneration(database, generation));
  // Somebody else has recorded other numbers since we looked.
  if (!record.success) throw recordedOtherwise(record.recorded);
  return { topic, partitions, ...made };
}

/**
 * The part of it that is Kafka's and the registry's.
 *
 * @throws {HooklineError} as `createTopics`
 */
export async function makeTopic(
  config: TopicConfig,
  wanted: WantedTopic,
  logger: Logger,
): Promise<Pick<CreatedTopic, 'created' | 'schemaId' | 'controlSchemaId'>> {
  const connection = kafkaConnection(config);
  const outcome = await createDeliveriesTopic(connection, logger, wanted);
  const check = await checkTopic(connection, logger, wanted);
  if (!check.success) throw new HooklineError('TOPIC_MISMATCH', check.problems.join('\n'));
  const registry = createSchemaRegistry({ ...registryConnection(config), timeoutMs: REGISTRY_TIMEOUT_MS }, logger);
  const schemaId = await registry.registerDeliverySchema(wanted.topic, wanted.keyRule);
  const controlSchemaId = await registry.registerControlSchema(wanted.topic);
  return { created: outcome === 'created', schemaId, controlSchemaId };
}

/** Two generations that are read at once would split a repository's order over them. */
async function refuseBesideAnother(database: Database, { topic, topicGeneration }: TopicConfig): Promise<void> {
  const former = Array.from({ length: topicGeneration - 1 }, (_, n) => topicName(topic, n + 1));
  const [other] = (await readGenerations(database, former)).filter(({ state }) => state !== 'moved');
  if (!other) return;
  throw new HooklineError(
    'DATABASE_MISMATCH',
    `Generation ${other.generation} of the log, topic ${other.topic}, is ${other.state}. Move it to the next one with ` +
      'hookline topics generation: a topic beside it would split the order of repositories.',
  );
}

/**
 * Compares the topic and its schemas with the settings; changes nothing.
 *
 * @throws {HooklineError} TOPIC_MISMATCH, SCHEMA_UNKNOWN, and where one of them cannot be asked
 */
export async function checkTopics(config: TopicConfig, logger: Logger): Promise<WantedTopic> {
  const wanted = wantedTopic(config);
  const connection = kafkaConnection(config);
  const check = await checkTopic(connection, logger, wanted);
  if (!check.success) throw new HooklineError('TOPIC_MISMATCH', check.problems.join('\n'));
  const registry = createSchemaRegistry({ ...registryConnection(config), timeoutMs: REGISTRY_TIMEOUT_MS }, logger);
  await registry.deliverySchemaId(wanted.topic, wanted.keyRule);
  await registry.controlSchemaId(wanted.topic);
  return wanted;
}

function recordedOtherwise({ topic, partitions, generation, keyRule }: TopicGeneration): HooklineError {
  return new HooklineError(
    'DATABASE_MISMATCH',
    `The database has topic ${topic} recorded with ${partitions} partitions, ordered by ${keyRule}, as generation ` +
      `${generation}. A topic is never changed in place: set HOOKLINE_TOPIC_PARTITIONS, HOOKLINE_KEY_RULE and ` +
      'HOOKLINE_TOPIC_GENERATION to what is recorded.',
  );
}

export function wantedTopic(config: TopicConfig): WantedTopic {
  return {
    topic: topicName(config.topic, config.topicGeneration),
    partitions: config.topicPartitions,
    keyRule: config.keyRule,
    replicationFactor: config.topicReplicationFactor,
    minInSyncReplicas: config.topicMinInSyncReplicas,
    retentionMs: config.topicRetentionMs,
  };
}
