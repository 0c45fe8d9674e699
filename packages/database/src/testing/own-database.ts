import { afterAll, beforeAll } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database, DatabaseOptions } from '../database.ts';

/** A database of a test file's own, as its owner sees it: there before the tests and the hooks below, gone behind them. */
export function ownDatabase(options: Partial<DatabaseOptions> = {}): Database {
  let own: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    own = await testDatabase();
    database = connectTo(own.url, options);
  });
  afterAll(async () => {
    await database.close();
    await own.drop();
  });
  return {
    query: (text, values) => database.query(text, values),
    acquire: () => database.acquire(),
    close: () => database.close(),
  };
}
