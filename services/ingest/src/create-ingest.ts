import { topicName } from '@hookline/contracts';
import {
  createSchemaRegistry,
  registryConnection,
  type DeliveryLog,
  type OpenSocket,
  type SchemaRegistry,
} from '@hookline/kafka';
import { createDatabase, databaseConnection, type Database, lookUpIdentities } from '@hookline/database';
import { NO_TRACING, type Service, type ServiceContext } from '@hookline/runtime';
import type { IngestConfig } from './config.ts';
import { createIngestEvents, createReadingGauges } from './events.ts';
import { createLog, nextKeyRule } from './generations/create-log.ts';
import type { FollowedLog } from './generations/follow-seal.ts';
import { createReadingBudget } from './http/reading-budget.ts';
import { createRest } from './http/rest.ts';
import { createWebhookServer } from './http/server.ts';
import { keepTrying } from './keep-trying.ts';
import { createLookUp } from './look-up/create-look-up.ts';
import { createLookUpEvents } from './look-up/events.ts';
import { readSources } from './sources/read-sources.ts';
import { createSourceStore } from './sources/source-store.ts';
import { createReceive } from './webhook/receive.ts';

/** A body is judged slow only after this; until then a hiccup of the network is none. */
const BODY_GRACE_MS = 2_000;
const TICK_MS = 1_000;
const RETRY_MS = 1_000;

export interface Ingest extends Service {
  /** The port that it listens on, once started. */
  port(): number;
}

/** What tests may put in place of the real thing. */
export interface IngestOverrides {
  environment?: Readonly<Record<string, string | undefined>>;
  log?: DeliveryLog;
  registry?: SchemaRegistry;
  /** How to reach brokers; a test routes it through a proxy. */
  openSocket?: OpenSocket;
  /** Puts something around the log, such as a crash before its answer is used. */
  aroundLog?: (log: FollowedLog) => FollowedLog;
}

/** The one place where ingest is put together. Throws if the sources have problems; no other I/O before `start`. */
export function createIngest(context: ServiceContext<IngestConfig>, overrides: IngestOverrides = {}): Ingest {
  const { config, logger, metrics, health, clock } = context;
  const events = createIngestEvents({ logger, metrics, clock });
  const sources = createSourceStore(() => readSources(config, overrides.environment ?? process.env), events);

  const topic = topicName(config.topic, config.topicGeneration);
  const { aroundLog = (log: FollowedLog) => log } = overrides;
  const registry =
    overrides.registry ??
    createSchemaRegistry({ ...registryConnection(config), timeoutMs: config.registryTimeoutMs }, logger);
  const log = aroundLog(overrides.log ?? createLog(context, registry, overrides.openSocket));
  const schema = keepTrying({
    attempt: () => registry.deliverySchemaId(topic, config.keyRule),
    retryMs: RETRY_MS,
    succeeded: events.schemaFound,
    failed: events.schemaMissing,
  });

  const budget = createReadingBudget(
    {
      maxBytes: config.readingMaxBytes,
      maxRequests: config.readingMaxRequests,
      minBytesPerSecond: config.bodyMinBytesPerSecond,
      graceMs: BODY_GRACE_MS,
      maxMs: config.bodyMaxMs,
    },
    clock,
  );
  const showReading = createReadingGauges(metrics);
  const database = openDatabase(config);
  const lookUp =
    database &&
    createLookUp({
      find: (arrivals) => lookUpIdentities(database, arrivals, config.lookUpTimeoutMs),
      timeoutMs: config.lookUpTimeoutMs,
      clock,
      events: createLookUpEvents({ logger, metrics, clock }),
    });
  const receive = createReceive({
    tracing: context.tracing ?? NO_TRACING,
    topic,
    budget,
    clock,
    events,
    log,
    schemaId: schema.value,
    encode: registry.encodeDelivery,
    partitions: config.topicPartitions,
    keyRule: config.keyRule,
    nextKeyRule: nextKeyRule(config),
    lookUp,
    duplicate: config.duplicateStatus === '200' ? 'ALREADY_PROCESSED' : 'DUPLICATE',
  });
  const server = createWebhookServer({
    host: config.host,
    port: config.port,
    find: sources.find,
    receive,
    rest: createRest(events),
    events,
  });

  health.readiness('server', server.readiness);
  health.readiness('log', () => log.readiness());
  health.readiness(
    'schema',
    () => schema.value() !== undefined || (schema.failure() ?? 'the schema registry has not answered yet'),
  );

  let port = 0;
  const timers: NodeJS.Timeout[] = [];
  return {
    port: () => port,
    async start() {
      schema.start();
      await log.start();
      process.on('SIGHUP', sources.reload);
      timers.push(
        setInterval(sources.reload, config.sourcesPollMs),
        setInterval(() => {
          budget.tick();
          showReading(budget);
        }, TICK_MS),
      );
      ({ port } = await server.start());
    },
    async stop() {
      // In this order: what is in flight still needs the log, and its slow bodies still need the tick.
      await server.stop();
      for (const timer of timers) clearInterval(timer);
      process.off('SIGHUP', sources.reload);
      schema.stop();
      await log.stop();
      await database?.close();
    },
  };
}

/** Connections for look-ups, which are made one at a time: the second is for when the first was given up. */
function openDatabase({ databaseUrl, lookUpTimeoutMs, ...rest }: IngestConfig): Database | undefined {
  if (databaseUrl === undefined) return undefined;
  return createDatabase({
    ...databaseConnection({ databaseUrl, ...rest }),
    poolSize: 2,
    applicationName: 'hookline-ingest',
    queryTimeoutMs: 2 * lookUpTimeoutMs,
    connectTimeoutMs: lookUpTimeoutMs,
    // A lost connection also fails the look-up that was under way, and that is told; the next one connects anew.
    onConnectionError: () => {},
  });
}
