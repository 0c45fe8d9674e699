import { randomBytes } from 'node:crypto';
import { createDatabaseAt, dropDatabaseAt } from '@hookline/database';
import { askHost } from './ask-host.ts';
import { serviceUrls, type ServiceUrls } from '../service-logins.ts';
import type { Template } from './stack-host.ts';

export interface TestDatabase {
  /** As the superuser, who owns all that is in it. */
  url: string;
  /** The same past a pooler, where this run has one: for what needs a session of its own. */
  direct: string;
  /** As services are to see it. */
  services: ServiceUrls;
  /** Ends what is still connected. Not needed for its own sake: all databases go with the stack. */
  drop(): Promise<void>;
}

/** A database of this test's own, with every migration applied, on this run's stack. */
export async function testDatabase(): Promise<TestDatabase> {
  const { addresses, database, pooledUrl } = await askHost<Template>('/template');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const direct = await createDatabaseAt(addresses.databaseUrl, name, database);
  const url = pooledUrl === undefined ? direct : withHost(direct, pooledUrl);
  return { url, direct, services: serviceUrls(url), drop: () => dropDatabaseAt(addresses.databaseUrl, name) };
}

function withHost(url: string, other: string): string {
  const changed = new URL(url);
  changed.host = new URL(other).host;
  return changed.href;
}
