import { createDatabase, type Database } from '@hookline/database';

/** Runs one piece of work with a connection of its own, closed afterwards. */
export async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = createDatabase({
    url,
    poolSize: 1,
    applicationName: 'hookline',
    queryTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    // A lost connection also fails the query that was under way, and that is what the user is told.
    onConnectionError: () => {},
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
