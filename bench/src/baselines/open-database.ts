import { createDatabase, type Database } from '@hookline/database';

/**
 * The database of a baseline. Programs run on what is built, and of what is not deployed nothing is: they import nothing of
 * the tests.
 */
export function openDatabase(poolSize: number): Database {
  return createDatabase({
    url: process.env['HOOKLINE_DATABASE_URL'] ?? '',
    poolSize,
    applicationName: 'bench-consumer',
    queryTimeoutMs: 60_000,
    connectTimeoutMs: 10_000,
    onConnectionError: (error) => process.stderr.write(`${error.message}\n`),
  });
}
