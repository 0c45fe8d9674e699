import { createDatabase, type Database, type DatabaseOptions } from '@hookline/database';

/** A small pool for a test to look at its database with. Close it before the database is dropped. */
export function connectTo(url: string, overrides: Partial<DatabaseOptions> = {}): Database {
  return createDatabase({
    url,
    poolSize: 4,
    applicationName: 'test',
    queryTimeoutMs: 60_000,
    connectTimeoutMs: 10_000,
    onConnectionError: () => {},
    ...overrides,
  });
}
