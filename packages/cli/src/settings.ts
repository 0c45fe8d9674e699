import {
  brokerOptions,
  connectionProblems,
  databaseOptions,
  groupOptions,
  kafkaOptions,
  option,
  readConfig,
  retentionOptions,
  topicOptions as logShapeOptions,
  type ConfigOf,
  type OptionTable,
} from '@hookline/runtime';
import { findLocalSystem, withLocalSystem } from './local-system.ts';

/** What commands about topics need, the same variables as the services', and how the topic is to be made. */
export const topicOptions = {
  ...kafkaOptions,
  ...databaseOptions,
  topicReplicationFactor: option.integer({
    env: 'HOOKLINE_TOPIC_REPLICATION_FACTOR',
    help: 'Copies of each partition.',
    min: 1,
    max: 32767,
    default: 3,
  }),
  topicMinInSyncReplicas: option.integer({
    env: 'HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS',
    help: 'Copies that must have a record before it counts as written.',
    min: 1,
    max: 32767,
    default: 2,
  }),
  topicRetentionMs: retentionOptions.topicRetentionMs,
};

/** What commands about partitions need: where the log and the state are, and whose they are. */
export const partitionOptions = { ...brokerOptions, ...logShapeOptions, ...groupOptions, ...databaseOptions };

/** What decisions through the log need beside that: the registry, for the schema of their records. */
export const controlOptions = { ...kafkaOptions, ...groupOptions, ...databaseOptions };

export { databaseOptions };

/** What `hookline send` needs. */
export const sendOptions = {
  ingestUrl: option.url({
    env: 'HOOKLINE_INGEST_URL',
    help: 'Where webhooks of a source are posted, its path included.',
    schemes: ['http', 'https'],
  }),
  webhookSecret: option.string({
    env: 'HOOKLINE_WEBHOOK_SECRET',
    help: 'A secret of that source, to sign with.',
    secret: true,
  }),
};

/** The configuration is wrong: every problem, a line each. */
export class BadSettings extends Error {
  override name = 'BadSettings';
}

/**
 * Reads a command's settings: from the environment, and from the file of the local system where that is silent.
 *
 * @throws {BadSettings} naming every bad value at once
 */
export function settings<T extends OptionTable>(table: T, env: NodeJS.ProcessEnv): ConfigOf<T> {
  const local = findLocalSystem(env, process.cwd());
  const result = readConfig(table, local.found ? withLocalSystem(env, local.settings) : env);
  const together = connectionProblems(result.success ? result.config : result.partial);
  if (result.success && together.length === 0) return result.config;
  const errors = [...(result.success ? [] : result.errors), ...together];
  const problems = errors.map((error) => `  - ${error}`);
  const missing = errors.some((error) => error.includes(' is not set, '));
  throw new BadSettings([...problems, ...(missing && !local.found ? [local.why] : [])].join('\n'));
}

/** As `settings`, of commands about topics, whose values must also go together. */
export function topicSettings(env: NodeJS.ProcessEnv): ConfigOf<typeof topicOptions> {
  const config = settings(topicOptions, env);
  const { topicReplicationFactor: copies, topicMinInSyncReplicas: inSync } = config;
  if (inSync <= copies) return config;
  throw new BadSettings(
    `  - HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS is ${inSync}, more than HOOKLINE_TOPIC_REPLICATION_FACTOR, ${copies}.`,
  );
}
