import { createDatabase, type Database } from '@hookline/database';

/** Runs some work with one connection to a local server, which no step of it may keep waiting for longer than this. */
export async function withDatabase<T>(
  url: string,
  timeoutMs: number,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = createDatabase({
    url,
    poolSize: 1,
    applicationName: 'hookline-local-stack',
    queryTimeoutMs: timeoutMs,
    connectTimeoutMs: timeoutMs,
    onConnectionError: () => {},
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
