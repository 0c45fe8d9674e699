import { migrateUp, recordTopicGeneration, type Database } from '@hookline/database';
import {
  createServiceLogins,
  serviceUrls,
  testDatabase,
  testStack,
  testTopic,
  type StackAddresses,
} from '@hookline/local-stack';
import { connectTo, startProgram, type ProgramSettings, type ServiceProcess } from '@hookline/test-support';

export const INGEST = 'services/ingest/src/main.ts';
export const PROCESSOR = 'services/processor/src/main.ts';
export const RELAY = 'services/relay/src/main.ts';

/** Secret of the one source, `main`. */
export const SECRET = 'a secret of the end-to-end tests';

export interface IngestProcess extends ServiceProcess {
  /** Where GitHub would post. */
  url: string;
}

/** A topic and a database of one test's own, and the services that it starts on them. */
export interface System {
  stack: StackAddresses;
  topic: string;
  partitions: number;
  /** Of the database, as its owner. */
  databaseUrl: string;
  /** The test's own look at the database, as its owner. */
  database: Database;
  /** Variables of both services; the database as the processor sees it. */
  environment: Record<string, string>;
  /** For an ingest that looks deliveries up in the database, with the rights that it has there. */
  lookUp: Record<string, string>;
  /** Starts an ingest and waits until it is ready. By default it knows of nothing, and appends whatever is verified. */
  startIngest(settings?: Record<string, string>): Promise<IngestProcess>;
  /** Starts a processor and does not wait. */
  startProcessor(settings?: Record<string, string>): ServiceProcess;
  /** Starts any program of ours and does not wait. */
  start(program: ProgramSettings): ServiceProcess;
  /** Has `stop` do this, too: for what a test that fails would leave running. */
  defer(end: () => Promise<void>): void;
  /** Ends everything that still runs, and lets go of the database. */
  stop(): Promise<void>;
}

export interface SystemOptions {
  /** Default 8. */
  partitions?: number;
  /** Default: this run's stack, in which the test has a database of its own. */
  stack?: StackAddresses;
}

/** What services of tests have in common. A short session, so that a lost member is noticed within seconds. */
export const TEST_SETTINGS = {
  HOOKLINE_OPERATIONS_HOST: '127.0.0.1',
  HOOKLINE_OPERATIONS_PORT: '0',
  HOOKLINE_INGEST_HOST: '127.0.0.1',
  HOOKLINE_INGEST_PORT: '0',
  HOOKLINE_SOURCES: JSON.stringify([{ name: 'main', secrets: [{ label: 'first', secret: SECRET }] }]),
  HOOKLINE_SESSION_TIMEOUT_MS: '3000',
};

export async function startSystem({ partitions = 8, stack: own }: SystemOptions = {}): Promise<System> {
  const stack = own ?? (await testStack());
  const [topic, databaseUrl] = await Promise.all([
    testTopic({ partitions, stack }),
    own ? migrated(own.databaseUrl) : testDatabase().then(({ url }) => url),
  ]);
  const database = connectTo(databaseUrl);
  await recordTopicGeneration(database, { topic, generation: 1, partitions });
  const environment = {
    ...TEST_SETTINGS,
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: stack.registryUrl,
    HOOKLINE_DATABASE_URL: serviceUrls(databaseUrl).processor,
    HOOKLINE_TOPIC: topic,
    // Test files share a broker: members of one group with different topics would be given each other's partitions.
    HOOKLINE_CONSUMER_GROUP: topic,
    HOOKLINE_TOPIC_PARTITIONS: String(partitions),
  };
  const services = createServices(environment);
  const deferred: (() => Promise<void>)[] = [];
  return {
    stack,
    topic,
    partitions,
    databaseUrl,
    database,
    environment,
    lookUp: { HOOKLINE_DATABASE_URL: serviceUrls(databaseUrl).ingest },
    ...services,
    defer: (end) => void deferred.push(end),
    async stop() {
      await Promise.all([services.stop(), ...deferred.map((end) => end())]);
      await database.close();
    },
  };
}

/** Starters of services in one environment, and one stop for all that they started. */
export function createServices(environment: Record<string, string>) {
  const started: ServiceProcess[] = [];
  const start = (program: ProgramSettings): ServiceProcess => {
    const service = startProgram({ ...program, env: { ...environment, ...program.env } });
    started.push(service);
    return service;
  };
  return {
    start,
    async startIngest(settings: Record<string, string> = {}): Promise<IngestProcess> {
      // Without a database it appends what has been processed, too: then duplicates are the processor's to find.
      const service = start({ main: INGEST, env: { HOOKLINE_DATABASE_URL: '', ...settings } });
      const { port } = await service.logged('taking webhooks');
      await service.untilReady();
      return { ...service, url: `http://127.0.0.1:${String(port)}/webhooks/main` };
    },
    startProcessor: (settings: Record<string, string> = {}): ServiceProcess =>
      start({ main: PROCESSOR, env: settings }),
    async stop(): Promise<void> {
      for (const service of started) {
        // A frozen process takes no SIGTERM.
        service.signal('SIGCONT');
        service.signal('SIGTERM');
      }
      await Promise.all(started.map(({ ended }) => ended));
    },
  };
}

async function migrated(url: string): Promise<string> {
  await migrateUp(url);
  await createServiceLogins(url);
  return url;
}
