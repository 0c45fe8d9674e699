import { setTimeout as delay } from 'node:timers/promises';
import { claimTopic, makeRanges, readTopicGeneration, type Database } from '@hookline/database';
import { partitionCountProblem } from '@hookline/kafka';
import { HooklineError } from '@hookline/runtime';

export interface Expected {
  topic: string;
  generation: number;
  partitions: number;
  consumerGroup: string;
}

/**
 * What must hold before the first record is read: the database is there and migrated, the topic's partition count is
 * the same in the configuration, in the database and in Kafka, no other consumer group has the topic in this database, and
 * this week's ranges exist.
 *
 * @param countPartitions what Kafka has; null: no such topic
 * @throws {HooklineError} DATABASE_MISMATCH, TOPIC_MISSING, TOPIC_MISMATCH where a human must act; what the database
 * or Kafka throws while it is away
 */
export async function prepare(
  database: Database,
  countPartitions: (topic: string) => Promise<number | null>,
  expected: Expected,
): Promise<void> {
  await checkRecorded(database, expected);
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

async function checkRecorded(database: Database, expected: Expected): Promise<void> {
  const recorded = await readTopicGeneration(database, expected.topic).catch((error: unknown) => {
    throw isUndefinedTable(error)
      ? new HooklineError('DATABASE_MISMATCH', 'The database is not migrated: run `hookline migrate up`.', {
          cause: error,
        })
      : error;
  });
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
}

/**
 * Tries until it holds: a database that starts later than we do is ordinary. Rejects as soon as it is aborted, also in
 * the middle of an attempt: a server that accepts and says nothing must not hold up a stop.
 */
export async function prepareUntilDone(
  attempt: () => Promise<void>,
  onFailed: (error: unknown) => void,
  retryMs: number,
  signal: AbortSignal,
): Promise<void> {
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

function isUndefinedTable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '42P01' || error.code === '3F000');
}
