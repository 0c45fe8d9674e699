import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_PARTITIONS } from '@hookline/contracts';
import { createDatabaseAt, dropDatabaseAt, recordTopicGeneration, type Database } from '@hookline/database';
import { testTopic, type StackAddresses } from '@hookline/local-stack';
import { connectTo, startProgram, type ProgramSettings, type ServiceProcess } from '@hookline/test-support';
import type { BenchContext } from '../bench.ts';
import { SECRET } from '../load/deliveries.ts';
import type { Outcome, ProcessorOrders } from '../programs/orders.ts';
import { migratedTemplate } from './migrated-template.ts';
import { expectGoodEnd, tooSoon } from './program-end.ts';

export interface RunningProcessor {
  /** How it has ended, told or not. */
  ended: ServiceProcess['ended'];
  /** SIGTERM; resolves to what it says of itself. Rejects where it did not end well. */
  stop(): Promise<Outcome>;
}

/** A program below the root of the repository, as it is and as it is built. */
export interface Main {
  source: string;
  dist: string;
}

/** What one run of one side has to itself: a topic, a database, and the services that it starts on them. */
export interface System {
  stack: StackAddresses;
  topic: string;
  partitions: number;
  /** The bench's own look at the database. */
  database: Database;
  /** For a baseline that brings a client of its own. */
  databaseUrl: string;
  /** Starts any program of ours, with the settings that all have in common, and does not wait. */
  start(
    main: Main,
    program?: Pick<ProgramSettings, 'args' | 'onStderr'> & { env?: Record<string, string> },
  ): ServiceProcess;
  /** For what programs leave behind when they end. */
  directory: string;
  /** Starts an ingest and waits until it is ready; resolves to where it takes webhooks. */
  startIngest(env?: Record<string, string>): Promise<string>;
  startProcessor(
    orders: Partial<Omit<ProcessorOrders, 'outcomeFile'>> & { env?: Record<string, string> },
  ): RunningProcessor;
}

/**
 * Opens a system, has `work` done on it, and closes it, whatever happens.
 *
 * @throws {Error} with what it has said, when a program that `work` has started fails before anybody has told it to end:
 *   nobody would come to what is waited for
 */
export async function withSystem<T>(
  context: Pick<BenchContext, 'stack' | 'from' | 'profiles'>,
  work: (system: System) => Promise<T>,
  { partitions = DEFAULT_PARTITIONS }: { partitions?: number } = {},
): Promise<T> {
  const { stack } = context;
  const directory = await mkdtemp(join(tmpdir(), 'hookline-bench-'));
  const name = `bench_${randomBytes(6).toString('hex')}`;
  const databaseUrl = await createDatabaseAt(stack.databaseUrl, name, await migratedTemplate(stack.databaseUrl));
  const database = connectTo(databaseUrl);
  const services = new Set<ServiceProcess>();
  try {
    const topic = await testTopic({ stack, partitions });
    await recordTopicGeneration(database, { topic, generation: 1, partitions });
    // What an earlier run has written must not be flushed at the expense of this one.
    await database.query('checkpoint');
    const gone = Promise.withResolvers<never>();
    const onGone = (error: Error) => gone.reject(error);
    const start = startIn(context, environmentOf(stack, topic, partitions, databaseUrl), services, onGone);
    const working = work({
      stack,
      topic,
      partitions,
      database,
      databaseUrl,
      directory,
      start,
      startIngest: (env) => startIngest(start, env),
      startProcessor: (orders) => startProcessor(start, join(directory, `outcome-${services.size}.json`), orders),
    });
    return await Promise.race([working, gone.promise]);
  } finally {
    await Promise.all([...services].map((service) => service.stop()));
    await database.close();
    await dropDatabaseAt(stack.databaseUrl, name);
    await rm(directory, { recursive: true, force: true });
  }
}

type Start = System['start'];

function startIn(
  { from, profiles }: Pick<BenchContext, 'from' | 'profiles'>,
  environment: Record<string, string>,
  services: Set<ServiceProcess>,
  onGone: (error: Error) => void,
): Start {
  const profiling = profiles === null ? [] : [`--cpu-prof --cpu-prof-dir=${profiles}`];
  return (main, { env = {}, ...program } = {}) => {
    const options = [...profiling, env['NODE_OPTIONS'] ?? []].flat().join(' ');
    const own = options === '' ? {} : { NODE_OPTIONS: options };
    const service = startProgram({ ...program, main: main[from], from, env: { ...environment, ...env, ...own } });
    services.add(service);
    return untilTold(main[from], service, onGone);
  };
}

/** The service; if it fails before it has been sent any signal, that is told. */
function untilTold(main: string, service: ServiceProcess, onGone: (error: Error) => void): ServiceProcess {
  let isTold = false;
  void service.ended.then((end) => {
    if (!isTold && end.code !== 0) onGone(tooSoon(main, end));
  });
  return {
    ...service,
    signal(signal) {
      isTold = true;
      service.signal(signal);
    },
    stop() {
      isTold = true;
      return service.stop();
    },
  };
}

function environmentOf(
  stack: StackAddresses,
  topic: string,
  partitions: number,
  databaseUrl: string,
): Record<string, string> {
  return {
    HOOKLINE_OPERATIONS_HOST: '127.0.0.1',
    HOOKLINE_OPERATIONS_PORT: '0',
    HOOKLINE_INGEST_HOST: '127.0.0.1',
    HOOKLINE_INGEST_PORT: '0',
    HOOKLINE_SOURCES: JSON.stringify([{ name: 'main', secrets: [{ label: 'first', secret: SECRET }] }]),
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: stack.registryUrl,
    HOOKLINE_DATABASE_URL: databaseUrl,
    HOOKLINE_TOPIC: topic,
    HOOKLINE_CONSUMER_GROUP: topic,
    HOOKLINE_TOPIC_PARTITIONS: String(partitions),
  };
}

async function startIngest(start: Start, env: Record<string, string> = {}): Promise<string> {
  // Without a database: what is posted again after a 503 may have been processed, and would be answered 409.
  const settings = { HOOKLINE_DATABASE_URL: '', ...env };
  const service = start(
    { source: 'services/ingest/src/main.ts', dist: 'services/ingest/dist/main.js' },
    { env: settings },
  );
  const { port } = await service.logged('taking webhooks');
  await service.untilReady();
  return `http://127.0.0.1:${String(port)}/webhooks/main`;
}

function startProcessor(
  start: Start,
  outcomeFile: string,
  { env = {}, ...given }: Parameters<System['startProcessor']>[0],
): RunningProcessor {
  const orders: ProcessorOrders = {
    failingKeys: [],
    keepLatencies: false,
    isPlain: false,
    recordTo: null,
    ...given,
    outcomeFile,
  };
  // A file, since a variable holds 128 KiB at most.
  const ordersFile = `${outcomeFile}.orders`;
  writeFileSync(ordersFile, JSON.stringify(orders));
  // The packages that it imports are what is measured: with `from` dist they are what is built.
  const main = 'bench/src/programs/processor.ts';
  const service = start({ source: main, dist: main }, { env: { ...env, BENCH_ORDERS_FILE: ordersFile } });
  return {
    ended: service.ended,
    async stop() {
      expectGoodEnd('A processor', await service.stop());
      return JSON.parse(await readFile(outcomeFile, 'utf8')) as Outcome;
    },
  };
}
