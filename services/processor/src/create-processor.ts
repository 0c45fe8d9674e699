import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import {
  checkHandlersRole,
  createDatabase,
  databaseConnection,
  makeRanges,
  readGenerations,
  type Database,
} from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { countPartitions, kafkaConnection, type OpenSocket } from '@hookline/kafka';
import type { Service, ServiceContext } from '@hookline/runtime';
import { isOurs } from './built-in/our-handler.ts';
import { repositoryActivity } from './built-in/repository-activity.ts';
import { routeHandlers } from './built-in/route-handlers.ts';
import { checkHandlers } from './check-handlers.ts';
import type { ProcessorConfig } from './config.ts';
import { createDatabaseGauges } from './database-gauges.ts';
import { createProcessorEvents } from './events.ts';
import { followGenerations } from './generations/follow-generations.ts';
import { createLogReader } from './generations/log-reader.ts';
import type { Generation } from './generations/select-generation.ts';
import { loggingHandlers } from './logging-handlers.ts';
import { createLiveness } from './liveness/create-liveness.ts';
import { notingEvents } from './liveness/signs-of-life.ts';
import { prepare, prepareUntilDone } from './prepare.ts';
import { LEAVE_MS } from './stop-times.ts';

/** What tests replace; production has no other way in than by the handlers of its configuration. */
export interface ProcessorOverrides {
  /** All that it runs beside routes; default: what is built in. */
  handlers?: Handler[];
  random?: () => number;
  /** How to reach brokers; a test routes it through a proxy. */
  openSocket?: OpenSocket;
  /** Puts something around the database, such as a crash between two statements. */
  aroundDatabase?: (database: Database) => Database;
}

const GENERATION_POLL_MS = 2000;
const LIVENESS_MS = 1000;
const MAKE_RANGES_MS = 60 * 60 * 1000;
const LOOK_MS = 15_000;
const CLOSE_MS = 1000;

/** The one place where a processor is put together. */
export function createProcessor(
  { config, logger, metrics, health, clock, tracing }: ServiceContext<ProcessorConfig>,
  overrides: ProcessorOverrides = {},
): Service {
  const handlers = [...(overrides.handlers ?? [repositoryActivity]), ...routeHandlers(config)];
  checkHandlers(handlers, config);
  const liveness = createLiveness({
    clock,
    periodMs: LIVENESS_MS,
    stuckMs: config.stuckMs,
    fetchLoop: () => log.reader()?.fetchLoop() ?? { wanted: false, turns: 0 },
  });
  const events = notingEvents(createProcessorEvents(logger, metrics, clock), liveness.note);
  const owner = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  const connection = { ...kafkaConnection(config), openSocket: overrides.openSocket };
  const stopping = new AbortController();
  let prepared: true | string = 'waiting for the database and Kafka';

  const { aroundDatabase = (database: Database) => database } = overrides;
  const database = aroundDatabase(
    createDatabase({
      ...databaseConnection(config),
      poolSize: config.databasePoolSize,
      applicationName: 'hookline-processor',
      queryTimeoutMs: config.statementTimeoutMs + 5000,
      connectTimeoutMs: 5000,
      onConnectionError: (error) => events.databaseConnectionLost(error),
    }),
  );
  const logging = loggingHandlers(handlers, logger);
  const shared = { connection, owner, database, handlers: logging, liveness, events, logger, clock, tracing };
  const log = followGenerations({
    prepare: prepareLog,
    open: (generation) => createLogReader(generation, { config, ...shared, random: overrides.random ?? Math.random }),
    async hasMoved({ topic }) {
      const [recorded] = await readGenerations(database, [topic]);
      return recorded?.state === 'moved';
    },
    onMoved: (generation) => events.generationMoved(generation),
    pollMs: GENERATION_POLL_MS,
    drainMs: Math.max(0, config.stopGraceMs - LEAVE_MS),
  });
  const gauges = createDatabaseGauges(metrics, logger, config.horizonMs);
  let rangesTimer: NodeJS.Timeout | undefined;
  let gaugesTimer: NodeJS.Timeout | undefined;
  let livenessTimer: NodeJS.Timeout | undefined;

  health.readiness('prepared', () => prepared);
  health.readiness('consumer group', () => log.reader()?.readiness() ?? 'nothing is read yet');
  health.liveness('progress', liveness.probe);

  async function prepareLog(signal: AbortSignal): Promise<Generation> {
    const generation = await prepareUntilDone(
      async () => {
        if (!handlers.every(isOurs)) await checkHandlersRole(database, config.handlersRole);
        return prepare(database, (name) => countPartitions(connection, logger, name), config);
      },
      (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== prepared) events.notPrepared(error);
        prepared = reason;
      },
      2000,
      signal,
    );
    prepared = true;
    rangesTimer ??= setInterval(
      () => void makeRanges(database).catch((error: unknown) => events.rangesNotMade(error)),
      MAKE_RANGES_MS,
    );
    if (!gaugesTimer) void gauges.tick(database);
    gaugesTimer ??= setInterval(() => void gauges.tick(database), LOOK_MS);
    livenessTimer ??= setInterval(liveness.tick, LIVENESS_MS);
    return generation;
  }
  let running: Promise<void> = Promise.resolve();

  return {
    start() {
      running = log.run(stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
      return Promise.resolve();
    },
    async stop() {
      stopping.abort(new Error('The processor is stopping.'));
      clearInterval(rangesTimer);
      clearInterval(gaugesTimer);
      clearInterval(livenessTimer);
      await running;
      // One that is still connecting, to a server that says nothing, must not hold up the stop.
      await Promise.race([database.close(), delay(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}
