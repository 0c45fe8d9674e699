import {
  createDatabase,
  databaseConnection,
  isPassing,
  type Database,
  type DatabaseOptions,
  type DatabaseSettings,
} from '@hookline/database';
import { HooklineError, maskUrl } from '@hookline/runtime';
import { messageOf } from './message-of.ts';

/**
 * Runs one piece of work with a connection of its own, closed afterwards.
 *
 * @param pool where one connection, or 30 s for a statement, are not enough
 *
 * @throws {HooklineError} as `explained` does
 */
export async function withDatabase<T>(
  at: DatabaseSettings,
  work: (database: Database) => Promise<T>,
  pool: Partial<Pick<DatabaseOptions, 'poolSize' | 'queryTimeoutMs'>> = {},
): Promise<T> {
  const database = createDatabase({
    ...databaseConnection(at),
    poolSize: 1,
    applicationName: 'hookline',
    queryTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    // A lost connection also fails the query that was under way, and that is what the user is told.
    onConnectionError: () => {},
    ...pool,
  });
  try {
    return await explained(at.databaseUrl, () => work(database));
  } finally {
    await database.close();
  }
}

/** The server's word for a table that is not there. */
const UNDEFINED_TABLE = '42P01';

/**
 * Says of an error of the database what to do about it.
 *
 * @throws {HooklineError} DATABASE_UNAVAILABLE, DATABASE_MISMATCH where it has not been migrated
 */
export async function explained<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isPassing(cause)) {
      throw new HooklineError(
        'DATABASE_UNAVAILABLE',
        `The database at ${maskUrl(url)} cannot be used: ${messageOf(cause)}. ` +
          'Check that it runs and that HOOKLINE_DATABASE_URL names it.',
        { cause },
      );
    }
    if ((cause as { code?: unknown }).code === UNDEFINED_TABLE) {
      throw new HooklineError(
        'DATABASE_MISMATCH',
        `The database at ${maskUrl(url)} is not that of this release: ${messageOf(cause)}. Run: hookline migrate up.`,
        { cause },
      );
    }
    throw cause;
  }
}
