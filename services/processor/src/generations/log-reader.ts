import { kafkaGroupId } from '@hookline/contracts';
import type { Database } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import {
  createKafka,
  createLogConsumer,
  createSchemaRegistry,
  registryConnection,
  readLogBounds,
  type FetchLoop,
  type KafkaConnection,
} from '@hookline/kafka';
import type { Clock, Logger, Tracing } from '@hookline/runtime';
import type { ProcessorConfig } from '../config.ts';
import { createWork } from '../create-work.ts';
import type { ProcessorEvents } from '../events.ts';
import { createHalts } from '../halts/create-halts.ts';
import type { Liveness } from '../liveness/create-liveness.ts';
import { excusingHalts, excusingTurn } from '../liveness/excuses.ts';
import { notingHandlers } from '../liveness/signs-of-life.ts';
import { createOffsetCopier } from '../offset-copier.ts';
import { createTurn } from '../partition/turn.ts';
import { createBoundsReader } from '../takeover/bounds-reader.ts';
import { createTakeOver } from '../takeover/take-over.ts';
import type { Generation } from './select-generation.ts';

/** What reads one topic generation and works on its partitions. */
export interface LogReader {
  start(): void;
  /** Lets what runs end, within the time given, and leaves the group. */
  stop(drainMs: number): Promise<void>;
  /** True while a member of the group; else why not. */
  readiness(): true | string;
  fetchLoop(): FetchLoop;
}

/** What outlives a generation. */
export interface LogReaderParts {
  config: ProcessorConfig;
  connection: KafkaConnection;
  /** This process. */
  owner: string;
  database: Database;
  handlers: readonly Handler[];
  liveness: Liveness;
  events: ProcessorEvents;
  logger: Logger;
  clock: Clock;
  /** Absent: nothing is traced. */
  tracing?: Tracing | undefined;
  random: () => number;
}

const COPY_OFFSETS_MS = 1000;
const HALT_POLL_MS = 2000;

export function createLogReader(
  { topic, generation, partitions, keyRule }: Generation,
  { connection, owner, database, handlers, liveness, events, logger, clock, tracing, random, ...parts }: LogReaderParts,
): LogReader {
  const config = { ...parts.config, topicGeneration: generation, topicPartitions: partitions };
  const groupId = kafkaGroupId(config.consumerGroup, topic);
  const kafka = createKafka(connection, logger);
  const registry = createSchemaRegistry(
    { ...registryConnection(config), timeoutMs: config.registryTimeoutMs, topic, keyRule },
    logger,
  );

  const bounds = createBoundsReader(topic, () => readLogBounds(connection, logger, { topic, groupId }));
  const halts = excusingHalts(
    createHalts({ database, owner, readBounds: (partition) => bounds.readBounds(partition), events }, HALT_POLL_MS),
    liveness,
  );
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
    tracing,
    random,
    onAdvanced(partition, nextOffset) {
      copier.note(partition, nextOffset);
      halts.advanced(partition);
    },
  });
  const takeOver = createTakeOver({
    database,
    consumerGroup: config.consumerGroup,
    topic,
    owner,
    bounds,
    halts,
    events,
    orders: work.orders,
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
      joined(joined) {
        // What was noted of partitions that are lost would lower what their new owners copy.
        copier.forget();
        events.joined(joined);
      },
    },
    async takeOver(partition, signal) {
      await work.ended(partition);
      const taken = await takeOver(partition, signal);
      // A former owner, ourselves before this join included, may not have come to copy it, and nothing new may arrive: the
      // group would never know of it, and an earlier state of the database would pass for the last one.
      if (taken !== 'FENCED' && taken.last) copier.note(partition, taken.nextOffset);
      return taken;
    },
    work: (owned, ownership) => liveness.watch(owned, (watched) => work.run(watched, ownership)),
  });
  const copier = createOffsetCopier(
    (offsets) => consumer.copyOffsets(offsets),
    (error) => events.offsetsNotCopied(error),
    COPY_OFFSETS_MS,
  );

  return {
    start() {
      consumer.start();
      copier.start();
    },
    async stop(drainMs) {
      await consumer.drain(drainMs);
      copier.stop();
      await copier.tick();
      await consumer.stop();
    },
    readiness: () => consumer.readiness(),
    fetchLoop: () => consumer.fetchLoop(),
  };
}
