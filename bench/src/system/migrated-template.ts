import { randomBytes } from 'node:crypto';
import { createDatabaseAt, migrateUp } from '@hookline/database';

const made = new Map<string, Promise<string>>();

/**
 * Name of a migrated database of the server, to which nobody connects: each run's own is a copy of it, since to migrate takes
 * as long as a small run. Made by the first call; it goes with the server.
 */
export function migratedTemplate(serverUrl: string): Promise<string> {
  const template = made.get(serverUrl) ?? makeTemplate(serverUrl);
  made.set(serverUrl, template);
  return template;
}

async function makeTemplate(serverUrl: string): Promise<string> {
  const name = `bench_template_${randomBytes(6).toString('hex')}`;
  await migrateUp(await createDatabaseAt(serverUrl, name));
  return name;
}
