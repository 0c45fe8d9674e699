import { setTimeout as delay } from 'node:timers/promises';
import { claimTopic, makeRanges, readGenerations, type Database, type RecordedTopic } from '@hookline/database';
import { partitionCountProblem } from '@hookline/kafka';
import { HooklineError } from '@hookline/runtime';
import {
  configuredGenerations,
  selectGeneration,
  type ConfiguredLog,
  type Generation,
} from './generations/select-generation.ts';

interface Expected extends Generation {
  consumerGroup: string;
}

/**
 * What must hold before the first record is read: the database is there and migrated, the topic's partition count is
 * the same in the configuration, in the database and in Kafka, and its key rule in the first two, no other consumer group has the topic in this database, and
 * this week's ranges exist.
 *
 * @param countPartitions what Kafka has; null: no such topic
 * @returns the generation that is to be read now
 * @throws {HooklineError} DATABASE_MISMATCH, TOPIC_MISSING, TOPIC_MISMATCH where a human must act; what the database
 * or Kafka throws while it is away
 */
export async function prepare(
  database: Database,
  countPartitions: (topic: string) => Promise<number | null>,
  configured: ConfiguredLog & { consumerGroup: string },
): Promise<Generation> {
  const recorded = await readRecorded(database, configured);
  const generation = currentGeneration(configured, recorded);
  const expected = { ...generation, consumerGroup: configured.consumerGroup };
  checkRecorded(
    recorded.find(({ topic: name }) => name === generation.topic),
    expected,
  );
  const { topic, partitions } = expected;
  const actual = await countPartitions(topic);
  if (actual === null) {
    throw new HooklineError('TOPIC_MISSING', `Topic ${topic} does not exist in Kafka: run \`hookline topics create\`.`);
  }
  if (actual !== partitions) {
    throw new HooklineError('TOPIC_MISMATCH', partitionCountProblem(topic, actual, partitions));
  }
  await checkGroup(database, expected);
  await makeRanges(database);
  return generation;
}

function readRecorded(database: Database, configured: ConfiguredLog): Promise<RecordedTopic[]> {
  const topics = configuredGenerations(configured).map(({ topic }) => topic);
  return readGenerations(database, topics).catch((error: unknown) => {
    throw isNotMigrated(error)
      ? new HooklineError('DATABASE_MISMATCH', 'The database is not migrated: run `hookline migrate up`.', {
          cause: error,
        })
      : error;
  });
}

function currentGeneration(configured: ConfiguredLog, recorded: readonly RecordedTopic[]): Generation {
  const selected = selectGeneration(configured, recorded);
  if (selected.success) return selected.generation;
  throw new HooklineError('TOPIC_MISMATCH', selected.problem);
}

async function checkGroup(database: Database, { topic, consumerGroup }: Expected): Promise<void> {
  const owner = await claimTopic(database, topic, consumerGroup);
  if (owner === consumerGroup) return;
  throw new HooklineError(
    'DATABASE_MISMATCH',
    `Topic ${topic} is processed by the consumer group ${owner} in this database, and HOOKLINE_CONSUMER_GROUP is ` +
      `${consumerGroup}. A second group would run every handler again: set it to ${owner}, or use another database.`,
  );
}

function checkRecorded(recorded: RecordedTopic | undefined, expected: Expected): void {
  if (!recorded) {
    throw new HooklineError(
      'DATABASE_MISMATCH',
      `No partition count is recorded for topic ${expected.topic}: run \`hookline topics create\`.`,
    );
  }
  if (recorded.partitions !== expected.partitions || recorded.generation !== expected.generation) {
    throw new HooklineError(
      'DATABASE_MISMATCH',
      `Topic ${expected.topic} is recorded as generation ${recorded.generation} with ${recorded.partitions} ` +
        `partitions, but HOOKLINE_TOPIC_GENERATION is ${expected.generation} and HOOKLINE_TOPIC_PARTITIONS is ` +
        `${expected.partitions}. A topic is never grown in place: set them to what is recorded.`,
    );
  }
  if (recorded.keyRule !== expected.keyRule) {
    throw new HooklineError(
      'DATABASE_MISMATCH',
      `The deliveries of topic ${expected.topic} are recorded as ordered by ${recorded.keyRule}, and the configuration says ` +
        `${expected.keyRule}: set HOOKLINE_KEY_RULE (or HOOKLINE_NEXT_KEY_RULE, of a topic that the log has moved to) to ` +
        'what is recorded. The log moves to another rule by hookline topics generation.',
    );
  }
}

/**
 * Tries until it holds: a database that starts later than we do is ordinary. Rejects as soon as it is aborted, also in
 * the middle of an attempt: a server that accepts and says nothing must not hold up a stop.
 */
export async function prepareUntilDone<T>(
  attempt: () => Promise<T>,
  onFailed: (error: unknown) => void,
  retryMs: number,
  signal: AbortSignal,
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
  for (;;) {
    try {
      return await Promise.race([attempt(), aborted.promise]);
    } catch (error) {
      signal.throwIfAborted();
      onFailed(error);
      await delay(retryMs, undefined, { signal });
    }
  }
}

/** No such table, schema or column. */
const NOT_MIGRATED: readonly unknown[] = ['42P01', '3F000', '42703'];

function isNotMigrated(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NOT_MIGRATED.includes(error.code);
}
