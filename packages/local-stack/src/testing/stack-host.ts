import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDatabaseAt, migrateUp } from '@hookline/database';
import { startPgbouncer, type Pgbouncer } from '../pgbouncer/start-pgbouncer.ts';
import { startSecureStack, type SecureStack } from '../secure/start-secure-stack.ts';
import { createServiceLogins, openPublicToHandlers } from '../service-logins.ts';
import { prepareStack, startStack } from '../start-stack.ts';
import type { ProviderName, Stack, StackAddresses, StackOptions } from '../stack.ts';
import { hasTestPooler } from './environment.ts';
import { KAFKA_VERSION, POSTGRES_VERSION, REGISTRY_VERSION } from '../versions.ts';

/** Answer to a test file: the value, or why there is none. */
export type HostAnswer<T> = { success: true; value: T } | { success: false; message: string };

export interface Template {
  addresses: StackAddresses;
  /** Name of a migrated database to which nobody connects. */
  database: string;
  /** The server by way of a pooler, where tests are to use one. */
  pooledUrl?: string;
}

export interface StackHost {
  /** For test files, in whatever process they run: `/stack`, `/template` and `/secure`, each made at the first request. */
  url: string;
  stop(): Promise<void>;
}

const TEMPLATE = 'hookline_template';

/**
 * One stack for a run of tests. It is downloaded before the run, so that no test's time is spent on that, and started
 * by the first test file that asks, so that a run of unit tests needs none.
 */
export async function createStackHost(
  provider: ProviderName | 'auto',
  say: (line: string) => void,
): Promise<StackHost> {
  const onStep: StackOptions['onStep'] = ({ name, state }) => {
    if (state === 'started' && !name.startsWith('start ')) say(`stack: ${name} …`);
  };
  // Why there can be no stack is for the tests that need one.
  await prepareStack({ provider, onStep }).catch(() => {});

  let starting: Promise<Stack> | undefined;
  const stack = (): Promise<Stack> => {
    starting ??= startStack({ provider, onStep }).then((started) => {
      const versions = `Kafka ${KAFKA_VERSION}, registry ${REGISTRY_VERSION}, PostgreSQL ${POSTGRES_VERSION}`;
      say(`stack: ${started.addresses.provider} (${versions})`);
      return started;
    });
    return starting;
  };
  let migrating: Promise<Template> | undefined;
  const template = (): Promise<Template> =>
    (migrating ??= stack()
      .then(({ addresses }) => makeTemplate(addresses))
      .then(withPooler));

  let pooling: Promise<Pgbouncer> | undefined;
  const withPooler = async (made: Template): Promise<Template> => {
    if (!hasTestPooler()) return made;
    const pooler = await (pooling ??= startPgbouncer(made.addresses.databaseUrl));
    say('stack: databases of tests are reached through PgBouncer, in transaction mode');
    return { ...made, pooledUrl: pooler.through(made.addresses.databaseUrl) };
  };
  let securing: Promise<SecureStack> | undefined;
  const secure = (): Promise<SecureStack> => (securing ??= startSecureStack());

  const routes: Record<string, () => Promise<unknown>> = {
    '/stack': async () => (await stack()).addresses,
    '/template': template,
    '/secure': async () => (await secure()).addresses,
  };
  const server = createServer((request, response) => {
    // Kept, it would be closed when it has been idle for a while: just when a busy process of tests asks again.
    response.setHeader('connection', 'close');
    const route = routes[request.url ?? ''];
    const value = route ? route() : Promise.reject(new Error(`no such path: ${request.url}`));
    const answer: Promise<HostAnswer<unknown>> = value.then(
      (it) => ({ success: true, value: it }),
      (error: unknown) => ({ success: false, message: (error as Error).message }),
    );
    void answer.then((body) => response.end(JSON.stringify(body)));
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      // The pooler first: it has connections to the server behind it.
      for (const started of [pooling, starting, securing]) await (await started?.catch(() => undefined))?.stop();
    },
  };
}

async function makeTemplate(addresses: StackAddresses): Promise<Template> {
  const url = await createDatabaseAt(addresses.databaseUrl, TEMPLATE);
  await migrateUp(url);
  await createServiceLogins(url);
  await openPublicToHandlers(url);
  return { addresses, database: TEMPLATE };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
    server.unref();
  });
}
