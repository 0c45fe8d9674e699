import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_RETENTION_MS, kafkaGroupId } from '@hookline/contracts';
import { createDatabaseAt, dropDatabaseAt, recordTopicGeneration, type Database } from '@hookline/database';
import { createDeliveriesTopic, createSchemaRegistry, readLogBounds, readTopicEnds } from '@hookline/kafka';
import { serviceUrls, type Stack } from '@hookline/local-stack';
import { createLogger, type Logger } from '@hookline/runtime';
import { connectTo, deleteTopic, until } from '@hookline/test-support';
import { ROUTES } from '../programs/routes.ts';
import type { Bench } from './bench.ts';
import { startTargets, type Targets } from '../targets/start-targets.ts';
import { jobTopicOf } from './job-topic.ts';
import { openLink } from './link.ts';
import { readGenerations } from './read-generations.ts';
import { startService, untilListening, type Service, type ServiceKind, type ServiceLinks } from './service.ts';

export const SECRET = 'a secret of the crash harness';
export const PARTITIONS = 6;

/** Everything that one round has to itself, but for the servers. */
export interface System {
  stack: Stack;
  /** The checkout whose services and command line run. */
  root: string;
  topic: string;
  consumerGroup: string;
  database: Database;
  databaseName: string;
  /** The database with the login that owns its tables. */
  ownerUrl: string;
  directory: string;
  environment: Record<string, string>;
  ingests: Service[];
  processors: Service[];
  /** None in a round without effects. */
  relays: Service[];
  /** Processors of jobs: one in a round with relays. */
  jobs: Service[];
  services: Service[];
  /** Whom relays send to; null: nobody asks for effects. */
  targets: Targets | null;
  /** Puts right what faults have left: every network, every frozen process, every server. */
  repair(): Promise<void>;
  /** Ends the services; resolves to how each ended. */
  stopServices(): Promise<Map<string, string>>;
  /** Removes topic and database. */
  remove(): Promise<void>;
}

export interface SystemSettings {
  root: string;
  name: string;
  ingests: number;
  processors: number;
  /** Default: none, and handlers ask for no effects. With any there is a processor of jobs, too. */
  relays?: number;
  settings?: Record<string, string>;
}

export const logger: Logger = createLogger({ service: 'crash', level: 'silent' });

/** What is short here is short so that a round is: sessions, timeouts, the waits of lanes. */
const SETTINGS: Record<string, string> = {
  HOOKLINE_OPERATIONS_HOST: '127.0.0.1',
  HOOKLINE_OPERATIONS_PORT: '0',
  HOOKLINE_INGEST_HOST: '127.0.0.1',
  HOOKLINE_INGEST_PORT: '0',
  HOOKLINE_INGEST_APPEND_DEADLINE_MS: '5000',
  // As long as it can be: on a busy machine look-ups would be late all the time, and nothing ever refused.
  HOOKLINE_INGEST_LOOK_UP_TIMEOUT_MS: '1000',
  HOOKLINE_SOURCES: JSON.stringify([{ name: 'main', secrets: [{ label: 'first', secret: SECRET }] }]),
  HOOKLINE_SESSION_TIMEOUT_MS: '1500',
  HOOKLINE_HANDLER_TIMEOUT_MS: '2000',
  HOOKLINE_STATEMENT_TIMEOUT_MS: '1500',
  HOOKLINE_WATCHDOG_MS: '5000',
  HOOKLINE_BREAKER_WINDOW_MS: '5000',
  HOOKLINE_REGISTRY_TIMEOUT_MS: '1000',
  HOOKLINE_SLICE_RECORDS: '50',
  HOOKLINE_QUEUE_RECORDS: '200',
  HOOKLINE_STOP_GRACE_MS: '12000',
  HOOKLINE_LANE_RETRY_MIN_MS: '100',
  HOOKLINE_LANE_RETRY_MAX_MS: '500',
  HOOKLINE_LANE_MAX_ATTEMPTS: '8',
  HOOKLINE_LANE_MAX_KILLS: '2',
};
const LOGINS: Record<ServiceKind, 'ingest' | 'processor' | 'relay'> = {
  ...{ ingest: 'ingest', processor: 'processor', relay: 'relay', jobs: 'processor' },
};
/** So that a handler that takes all memory has it taken within a second. */
const PROCESSOR_FLAGS = ['--max-old-space-size=256'];

export async function startSystem(bench: Bench, { root, name, ...wanted }: SystemSettings): Promise<System> {
  const { stack } = bench;
  const { addresses } = stack;
  const directory = join(bench.directory, name);
  await mkdir(directory, { recursive: true });
  const topic = `crash.${name}`;
  const databaseName = `crash_${name.replaceAll('-', '_')}`;
  const [databaseUrl] = await Promise.all([
    createDatabaseAt(addresses.databaseUrl, databaseName, bench.template),
    createTopic(addresses.brokers, addresses.registryUrl, topic),
  ]);
  const database = connectTo(databaseUrl, { connectTimeoutMs: 5000, queryTimeoutMs: 30_000 });
  await recordTopicGeneration(database, { topic, generation: 1, partitions: PARTITIONS });
  const environment = {
    ...SETTINGS,
    HOOKLINE_KAFKA_BROKERS: addresses.brokers.join(','),
    HOOKLINE_TOPIC: topic,
    HOOKLINE_CONSUMER_GROUP: topic,
    HOOKLINE_TOPIC_PARTITIONS: String(PARTITIONS),
    // Compiling the same source anew for each process is a third of its start.
    NODE_COMPILE_CACHE: join(bench.directory, 'compiled'),
    ...wanted.settings,
  };
  const jobTopic = { topic: jobTopicOf(topic), partitions: PARTITIONS };
  if (wanted.relays) {
    await createTopic(addresses.brokers, addresses.registryUrl, jobTopic.topic);
    await recordTopicGeneration(database, { ...jobTopic, generation: 1 });
  }
  const targets = wanted.relays ? await startTargets(directory, jobTopic) : null;
  const start = async (kind: ServiceKind, index: number): Promise<Service> => {
    const links = await openLinks(stack);
    return startService({
      name: `${kind}-${index + 1}`,
      kind,
      links,
      root,
      directory,
      flags: LOGINS[kind] === 'processor' ? PROCESSOR_FLAGS : [],
      environment: {
        ...environment,
        ...(kind === 'relay' && { ...targets?.relay, ...wanted.settings }),
        ...(kind === 'processor' && targets?.processor),
        ...(kind === 'jobs' && { HOOKLINE_TOPIC: jobTopic.topic, HOOKLINE_CONSUMER_GROUP: jobTopic.topic }),
        ...linkedEnvironment(stack, serviceUrls(databaseUrl)[LOGINS[kind]], links),
      },
    });
  };
  const startAll = (kind: ServiceKind, count: number): Promise<Service[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => start(kind, index)));
  const [ingests, processors, relays, jobs] = await Promise.all([
    startAll('ingest', wanted.ingests),
    startAll('processor', wanted.processors),
    startAll('relay', wanted.relays ?? 0),
    startAll('jobs', wanted.relays ? 1 : 0),
  ]);
  const services = [...ingests, ...processors, ...relays, ...jobs];
  await untilListening(ingests, directory);

  return {
    stack,
    root,
    topic,
    consumerGroup: topic,
    database,
    databaseName,
    ownerUrl: databaseUrl,
    directory,
    environment: {
      ...environment,
      HOOKLINE_DATABASE_URL: serviceUrls(databaseUrl).operator,
      HOOKLINE_REGISTRY_URL: addresses.registryUrl,
    },
    ingests,
    processors,
    relays,
    jobs,
    services,
    targets,
    async repair() {
      targets?.repair();
      for (const { links, order } of services) {
        for (const link of [...links.kafka, links.registry, links.database]) link.repair();
        order({ order: 'shift-clock', ms: 0 });
      }
      await Promise.all(services.map((it) => it.disarm()));
      for (const part of [...stack.kafka, stack.registry, stack.postgres]) {
        await part.resume();
        await part.start();
      }
    },
    async stopServices() {
      return new Map(await Promise.all(services.map(async (it) => [it.name, await it.stop()] as const)));
    },
    async remove() {
      const topics = await readGenerations(database).catch(() => [{ topic }]);
      await database.close();
      await targets?.close();
      await Promise.allSettled([
        dropDatabaseAt(addresses.databaseUrl, databaseName),
        ...topics.map((generation) => deleteTopic(addresses.brokers, generation.topic)),
        ...(targets ? [deleteTopic(addresses.brokers, targets.jobTopic)] : []),
      ]);
    },
  };
}

/** What the log's partitions end with, past every service. */
export function readEnds({ stack, topic }: Pick<System, 'stack' | 'topic'>): Promise<Map<number, bigint>> {
  return readTopicEnds({ brokers: stack.addresses.brokers, clientId: 'crash' }, logger, topic);
}

/** What the consumer group has committed: the copy of the stored offsets. */
export async function readCommitted({ stack, topic, consumerGroup }: System): Promise<Map<number, bigint | null>> {
  const connection = { brokers: stack.addresses.brokers, clientId: 'crash' };
  const bounds = await readLogBounds(connection, logger, { topic, groupId: kafkaGroupId(consumerGroup, topic) });
  return new Map([...bounds].map(([partition, { committed }]) => [partition, committed]));
}

/** Resolves when every partition has an owner, so that faults meet a system that works. */
export async function untilOwned({ database, topic }: System): Promise<void> {
  await until(
    'every partition is owned',
    async () => {
      const { rows } = await database.query<{ n: number }>(
        'select count(*)::integer as n from hookline.partition_offsets where topic = $1',
        [topic],
      );
      return rows[0]?.n === PARTITIONS;
    },
    60_000,
  );
}

async function openLinks(stack: Stack): Promise<ServiceLinks> {
  const kafka = await Promise.all(stack.kafka.map(({ port }) => openLink(port)));
  return { kafka, registry: await openLink(stack.registry.port), database: await openLink(stack.postgres.port) };
}

function linkedEnvironment(stack: Stack, databaseUrl: string, { kafka, registry, database }: ServiceLinks) {
  const routes = Object.fromEntries(stack.kafka.map(({ port }, index) => [String(port), kafka[index]?.port]));
  return {
    [ROUTES]: JSON.stringify(routes),
    HOOKLINE_REGISTRY_URL: withPort(stack.addresses.registryUrl, registry.port),
    HOOKLINE_DATABASE_URL: withPort(databaseUrl, database.port),
  };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}

export async function createTopic(brokers: string[], registryUrl: string, topic: string): Promise<void> {
  const settings = {
    topic,
    partitions: PARTITIONS,
    replicationFactor: 2,
    minInSyncReplicas: 1,
    retentionMs: DEFAULT_RETENTION_MS,
  };
  // A broker may not know a topic for a moment after the controller has made it, and says so.
  for (let attempt = 1; ; attempt += 1) {
    try {
      await createDeliveriesTopic({ brokers, clientId: 'crash' }, logger, settings);
      break;
    } catch (error) {
      if (attempt === 20) throw error;
      await delay(250);
    }
  }
  const registry = createSchemaRegistry({ url: registryUrl, timeoutMs: 10_000 }, logger);
  await registry.registerDeliverySchema(topic);
  await registry.registerControlSchema(topic);
}
