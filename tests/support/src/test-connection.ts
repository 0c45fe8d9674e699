import { createDatabase, type Database } from '@hookline/database';

/** A small pool for a test to look at its database with. Close it before the database is dropped. */
export function connectTo(url: string, poolSize = 4): Database {
  return createDatabase({
    url,
    poolSize,
    applicationName: 'hookline test',
    queryTimeoutMs: 60_000,
    connectTimeoutMs: 10_000,
    onConnectionError: () => {},
  });
}
