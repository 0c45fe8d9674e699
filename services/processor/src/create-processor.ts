import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { kafkaGroupId, topicName } from '@hookline/contracts';
import { createDatabase, makeRanges, type Database } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import {
  countPartitions,
  createKafka,
  createLogConsumer,
  createSchemaRegistry,
  readLogBounds,
  type OpenSocket,
} from '@hookline/kafka';
import type { Service, ServiceContext } from '@hookline/runtime';
import { repositoryActivity } from './built-in/repository-activity.ts';
import { checkHandlers } from './check-handlers.ts';
import type { ProcessorConfig } from './config.ts';
import { createWork } from './create-work.ts';
import { createProcessorEvents } from './events.ts';
import { createHalts } from './halts/create-halts.ts';
import { createLiveness } from './liveness/create-liveness.ts';
import { excusingHalts, excusingTurn } from './liveness/excuses.ts';
import { checkPolicies } from './liveness/liveness-options.ts';
import { notingEvents, notingHandlers } from './liveness/signs-of-life.ts';
import { createOffsetCopier } from './offset-copier.ts';
import { createTurn } from './partition/turn.ts';
import { prepare, prepareUntilDone } from './prepare.ts';
import { LEAVE_MS } from './stop-times.ts';
import { createBoundsReader } from './takeover/bounds-reader.ts';
import { createTakeOver } from './takeover/take-over.ts';

/** What tests replace; production has no other way in. */
export interface ProcessorOverrides {
  handlers?: Handler[];
  random?: () => number;
  /** How to reach brokers; a test routes it through a proxy. */
  openSocket?: OpenSocket;
  /** Puts something around the database, such as a crash between two statements. */
  aroundDatabase?: (database: Database) => Database;
}

const COPY_OFFSETS_MS = 1000;
const HALT_POLL_MS = 2000;
const LIVENESS_MS = 1000;
const MAKE_RANGES_MS = 60 * 60 * 1000;
const CLOSE_MS = 1000;

/** The one place where a processor is put together. */
export function createProcessor(
  { config, logger, metrics, health, clock }: ServiceContext<ProcessorConfig>,
  overrides: ProcessorOverrides = {},
): Service {
  const { handlers = [repositoryActivity] } = overrides;
  checkHandlers(handlers);
  checkPolicies(handlers, config);
  const liveness = createLiveness({
    clock,
    periodMs: LIVENESS_MS,
    stuckMs: config.stuckMs,
    fetchLoop: () => consumer.fetchLoop(),
  });
  const events = notingEvents(createProcessorEvents(logger, metrics, clock), liveness.note);
  const topic = topicName(config.topic, config.topicGeneration);
  const groupId = kafkaGroupId(config.consumerGroup, topic);
  const owner = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  const { kafkaBrokers: brokers, kafkaClientId: clientId } = config;
  const connection = { brokers, clientId, openSocket: overrides.openSocket };
  const stopping = new AbortController();
  let prepared: true | string = 'waiting for the database and Kafka';

  const { aroundDatabase = (database: Database) => database } = overrides;
  const database = aroundDatabase(
    createDatabase({
      url: config.databaseUrl,
      poolSize: config.databasePoolSize,
      applicationName: 'hookline-processor',
      queryTimeoutMs: config.statementTimeoutMs + 5000,
      connectTimeoutMs: 5000,
      onConnectionError: (error) => events.databaseConnectionLost(error),
    }),
  );
  const kafka = createKafka(connection, logger);
  const registry = createSchemaRegistry(
    { url: config.registryUrl, timeoutMs: config.registryTimeoutMs, topic },
    logger,
  );

  const bounds = createBoundsReader(topic, () => readLogBounds(connection, logger, { topic, groupId }));
  const halts = excusingHalts(
    createHalts({ database, owner, readBounds: (partition) => bounds.readBounds(partition), events }, HALT_POLL_MS),
    liveness,
  );
  const takeOver = createTakeOver({
    database,
    consumerGroup: config.consumerGroup,
    topic,
    owner,
    bounds,
    halts,
    events,
  });
  const work = createWork({
    config,
    owner,
    database,
    registry,
    handlers: notingHandlers(handlers, liveness.note),
    halts,
    suspects: excusingTurn(createTurn(), liveness),
    events,
    clock,
    random: overrides.random ?? Math.random,
    onAdvanced(partition, nextOffset) {
      copier.note(partition, nextOffset);
      halts.advanced(partition);
    },
  });
  const consumer = createLogConsumer({
    kafka,
    topic,
    groupId,
    sessionTimeoutMs: config.sessionTimeoutMs,
    heartbeatIntervalMs: Math.max(300, Math.floor(config.sessionTimeoutMs / 6)),
    maxWaitMs: 100,
    maxBytesPerPartition: config.fetchBytes,
    queueLimits: { records: config.queueRecords, bytes: config.queueBytes },
    totalLimits: { records: config.queueTotalRecords, bytes: config.queueTotalBytes },
    retryMs: 500,
    events: {
      ...events,
      joined(partitions) {
        // What was noted of partitions that are lost would lower what their new owners copy.
        copier.forget();
        events.joined(partitions);
      },
    },
    async takeOver(partition, signal) {
      await work.ended(partition);
      return takeOver(partition, signal);
    },
    work: (owned, ownership) => liveness.watch(owned, (watched) => work.run(watched, ownership)),
  });
  const copier = createOffsetCopier(
    (offsets) => consumer.copyOffsets(offsets),
    (error) => events.offsetsNotCopied(error),
    COPY_OFFSETS_MS,
  );
  let rangesTimer: NodeJS.Timeout | undefined;
  let livenessTimer: NodeJS.Timeout | undefined;

  health.readiness('prepared', () => prepared);
  health.readiness('consumer group', () => consumer.readiness());
  health.liveness('progress', liveness.probe);

  async function begin(): Promise<void> {
    const { topicGeneration: generation, topicPartitions: partitions, consumerGroup } = config;
    const expected = { topic, generation, partitions, consumerGroup };
    await prepareUntilDone(
      () => prepare(database, (name) => countPartitions(connection, logger, name), expected),
      (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== prepared) events.notPrepared(error);
        prepared = reason;
      },
      2000,
      stopping.signal,
    );
    prepared = true;
    rangesTimer = setInterval(
      () => void makeRanges(database).catch((error: unknown) => events.rangesNotMade(error)),
      MAKE_RANGES_MS,
    );
    livenessTimer = setInterval(liveness.tick, LIVENESS_MS);
    consumer.start();
    copier.start();
  }
  let beginning: Promise<void> = Promise.resolve();

  return {
    start() {
      beginning = begin().catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
      return Promise.resolve();
    },
    async stop() {
      stopping.abort(new Error('The processor is stopping.'));
      clearInterval(rangesTimer);
      clearInterval(livenessTimer);
      await beginning;
      await consumer.drain(Math.max(0, config.stopGraceMs - LEAVE_MS));
      copier.stop();
      await copier.tick();
      await consumer.stop();
      // One that is still connecting, to a server that says nothing, must not hold up the stop.
      await Promise.race([database.close(), delay(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}
