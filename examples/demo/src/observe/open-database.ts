import { createDatabase, type Database } from '@hookline/database';

/** The demo's own small pool. Close it. */
export function openDatabase(url: string): Database {
  return createDatabase({
    url,
    poolSize: 2,
    applicationName: 'hookline-demo',
    queryTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    // The next query connects anew, or says what is wrong.
    onConnectionError: () => {},
  });
}
