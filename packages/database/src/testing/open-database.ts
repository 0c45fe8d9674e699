import { createDatabase, type Database, type DatabaseOptions } from '../database.ts';

/** A pool on a test's database. Close it before the database is dropped. */
export function openDatabase(url: string, overrides: Partial<DatabaseOptions> = {}): Database {
  return createDatabase({
    url,
    poolSize: 4,
    applicationName: 'test',
    queryTimeoutMs: 20_000,
    connectTimeoutMs: 10_000,
    onConnectionError: () => {},
    ...overrides,
  });
}
