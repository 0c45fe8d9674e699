import { setTimeout as delay } from 'node:timers/promises';
import { makeRanges, readTopicGeneration, type Database } from '@hookline/database';
import { HooklineError } from '@hookline/runtime';

export interface Expected {
  topic: string;
  generation: number;
  partitions: number;
}

/**
 * What must hold before the first record is read: the database is there and migrated, the topic's recorded partition
 * count is the configured one, and this week's ranges exist.
 *
 * @throws {HooklineError} DATABASE_MISMATCH where a human must act; what the database throws while it is away
 */
export async function prepare(database: Database, expected: Expected): Promise<void> {
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
  await makeRanges(database);
}

/** Tries until it holds: a database that starts later than we do is ordinary. Rejects when aborted. */
export async function prepareUntilDone(
  attempt: () => Promise<void>,
  onFailed: (error: unknown) => void,
  retryMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await attempt();
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
