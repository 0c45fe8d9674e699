import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseAt, dropDatabaseAt } from '@hookline/database';
import { createServices, TEST_SETTINGS, type System } from '@hookline/e2e';
import { createServiceLogins, serviceUrls, testStack } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { startReceiver, type Receiver } from './receiver.ts';

const PARTITIONS = 6;

/** A checkout whose services run. */
export interface Version {
  name: 'old' | 'new';
  root: string;
}

/** One topic and one database, which services of both versions share. */
export interface SharedSystem extends System {
  receiver: Receiver;
  /** Variables of relays. */
  relaySettings: Record<string, string>;
  /** Runs a command of a version as an operator, or as the owner of the tables; @throws where its exit code is not 0. */
  command(version: Version, as: 'operator' | 'owner', ...args: string[]): Promise<string>;
}

/** With a database and a topic as the versions make them, one after the other. */
export async function startSharedSystem(makers: readonly Version[]): Promise<SharedSystem> {
  const stack = await testStack();
  const name = `upgrade_${randomUUID().replaceAll('-', '')}`;
  const topic = `upgrade.${name}`;
  const databaseUrl = await createDatabaseAt(stack.databaseUrl, name);
  const folder = await mkdtemp(join(tmpdir(), 'hookline-upgrade-'));
  const receiver = await startReceiver();
  const routes = join(folder, 'routes.json');
  await writeFile(routes, JSON.stringify([{ name: 'other', on: ['*'], forward: receiver.url }]));
  const environment = {
    ...TEST_SETTINGS,
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: stack.registryUrl,
    HOOKLINE_DATABASE_URL: serviceUrls(databaseUrl).processor,
    HOOKLINE_TOPIC: topic,
    HOOKLINE_CONSUMER_GROUP: topic,
    HOOKLINE_TOPIC_PARTITIONS: String(PARTITIONS),
    HOOKLINE_ROUTES_FILE: routes,
  };
  const services = createServices(environment);
  const deferred: (() => Promise<void>)[] = [];
  const urls = { operator: serviceUrls(databaseUrl).operator, owner: databaseUrl };
  const command: SharedSystem['command'] = async ({ root }, as, ...args) => {
    const env = {
      HOOKLINE_DATABASE_URL: urls[as],
      HOOKLINE_TOPIC_REPLICATION_FACTOR: '1',
      HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS: '1',
      HOOKLINE_ACTOR: 'ada',
    };
    const { code, stdout, stderr } = await services.start({ main: 'packages/cli/src/main.ts', root, args, env }).ended;
    if (code !== 0) throw new Error(`hookline ${args.join(' ')} of ${root} ended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  };
  const database = connectTo(databaseUrl);
  const end = async (): Promise<void> => {
    await Promise.all([services.stop(), ...deferred.map((it) => it())]);
    await Promise.all([database.close(), receiver.close(), rm(folder, { recursive: true })]);
    await dropDatabaseAt(stack.databaseUrl, name);
  };
  try {
    for (const maker of makers) await prepare(command, maker);
    await createServiceLogins(databaseUrl);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    stack,
    topic,
    partitions: PARTITIONS,
    databaseUrl,
    database,
    environment,
    lookUp: { HOOKLINE_DATABASE_URL: serviceUrls(databaseUrl).ingest },
    relaySettings: {
      HOOKLINE_DATABASE_URL: serviceUrls(databaseUrl).relay,
      HOOKLINE_OUTBOUND_ALLOW: '127.0.0.1',
      HOOKLINE_EFFECT_RETRY_MIN_MS: '10',
      HOOKLINE_EFFECT_RETRY_MAX_MS: '50',
    },
    ...services,
    receiver,
    command,
    defer: (it) => void deferred.push(it),
    stop: end,
  };
}

/** What is done before services of a version are started: the jobs of an installation. */
export async function prepare(command: SharedSystem['command'], version: Version): Promise<void> {
  await command(version, 'owner', 'migrate', 'up');
  await command(version, 'owner', 'topics', 'create');
}
