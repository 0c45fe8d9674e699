import { randomBytes } from 'node:crypto';
import { createDatabaseAt, dropDatabaseAt } from '@hookline/database';
import { askHost } from './ask-host.ts';
import { serviceUrls, type ServiceUrls } from '../service-logins.ts';
import type { Template } from './stack-host.ts';

export interface TestDatabase {
  /** As the superuser, who owns all that is in it. */
  url: string;
  /** As services are to see it. */
  services: ServiceUrls;
  /** Ends what is still connected. Not needed for its own sake: all databases go with the stack. */
  drop(): Promise<void>;
}

/** A database of this test's own, with every migration applied, on this run's stack. */
export async function testDatabase(): Promise<TestDatabase> {
  const { addresses, database } = await askHost<Template>('/template');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = await createDatabaseAt(addresses.databaseUrl, name, database);
  return { url, services: serviceUrls(url), drop: () => dropDatabaseAt(addresses.databaseUrl, name) };
}
