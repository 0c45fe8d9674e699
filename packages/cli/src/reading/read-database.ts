import type { Database } from '@hookline/database';
import { databaseOptions, settings } from '../settings.ts';
import { withDatabase } from '../with-database.ts';

/** Runs one piece of reading with a connection to the database of the settings. */
export function readDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  return withDatabase(settings(databaseOptions, process.env), work);
}
