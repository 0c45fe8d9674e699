import type { ControlOrder, RecordDecision } from '@hookline/contracts';
import type { Fence } from '@hookline/database';
import type { LogConsumerEvents } from '@hookline/kafka';
import type { Clock, Logger, Metrics } from '@hookline/runtime';
import type { Generation } from './generations/select-generation.ts';
import { createLaneEvents, type LaneEvents } from './lanes/lane-events.ts';
import type { NextStep } from './partition/after-failure.ts';
import type { FailureClass } from './slice/classify-failure.ts';
import { isControl, isDelivery, type ControlRecord, type DeliveryRecord, type LogRecord } from './slice/record.ts';
import type { HandlerFailure } from './slice/run-handlers.ts';
import type { DecidedRecord } from './slice/write-outcome.ts';

/** What happens in a processor, one function per event: its log line and its metrics together. */
export interface ProcessorEvents extends LogConsumerEvents, LaneEvents {
  /** Told once per reason. */
  notPrepared(error: unknown): void;
  rangesNotMade(error: unknown): void;
  /** All of a topic generation is processed: it is left for the next one. */
  generationMoved(generation: Generation): void;
  tookOver(fence: Fence, nextOffset: bigint, terminated: number): void;
  /** The partition is not read: what Kafka or the database has is not what it was. */
  halted(place: Place, halt: { reason: string; detail: string }): void;
  /** A human has decided how a halted partition goes on. */
  resumed(place: Place, nextOffset: bigint, actor: string): void;
  /** Nothing was changed: the partition is in another state than the one that was decided on. */
  resumeRefused(place: Place, actor: string, detail: string): void;
  /** The halt, or a decision about it, is still in need of the database. */
  haltRetried(place: Place, error: unknown): void;
  fenced(fence: Fence, epoch: bigint | null): void;
  gap(fence: Fence, expected: bigint, found: bigint): void;
  /** A slice begins; the returned function tells that it has ended. */
  sliceStarted(records: number): () => void;
  decided(fence: Fence, decided: readonly DecidedRecord[]): void;
  retrying(fence: Fence, what: 'decode' | 'transaction', tries: number, waitMs: number, error: unknown): void;
  /** For a record that ran alone. */
  handlerFailed(
    fence: Fence,
    record: DeliveryRecord,
    failure: HandlerFailure,
    kind: FailureClass['kind'],
    next: NextStep,
  ): void;
  /** A process has died while it ran this record: it is parked without another run. */
  blamed(fence: Fence, record: LogRecord, owner: string): void;
  /** Many repositories fail alike for a handler, or do no longer. */
  breakerChanged(handler: string, open: boolean): void;
  /** The record would be parked, and there is no room in the lanes: the partition waits for some. Told at each look. */
  intakePaused(fence: Fence, record: DeliveryRecord | ControlRecord, tries: number): void;
  intakeResumed(fence: Fence): void;
  /** A command of the table, for a partition that does not read, was applied or refused. */
  orderApplied(fence: Fence, order: ControlOrder, end: { outcome: 'applied' | 'refused'; detail: string }): void;
  ordersNotRead(error: unknown): void;
  offsetsNotCopied(error: unknown): void;
  databaseConnectionLost(error: Error): void;
}

export function createProcessorEvents(logger: Logger, metrics: Metrics, clock: Clock): ProcessorEvents {
  const m = processorMetrics(metrics);
  const halted = (partition: number) => m.halted.set({ partition }, 1);
  return {
    ...createLaneEvents(logger, metrics),
    notPrepared: (err) => logger.warn({ err }, 'not ready to read the log yet; trying until it is'),
    rangesNotMade: (err) => logger.warn({ err }, 'ranges ahead were not made; trying again within the hour'),
    generationMoved: ({ topic, generation }) => logger.info({ topic, generation }, 'the topic generation has moved'),
    joined(partitions) {
      m.joins.inc();
      for (const gauge of [m.halted, m.intakePaused, m.nextOffset, m.highWatermark]) gauge.reset();
      logger.info({ partitions }, 'joined the consumer group');
    },
    clientLost(err) {
      m.clientsLost.inc();
      // What KafkaJS itself calls retriable (a coordinator that loads, an election) passes in a moment.
      const passing = err instanceof Error && 'retriable' in err && err.retriable === true;
      if (passing) logger.info({ reason: err.message }, 'Kafka is not ready for the consumer group; trying again');
      else logger.warn({ err }, 'the Kafka client was lost; making a new one');
    },
    tookOver(fence, nextOffset, terminated) {
      m.takeovers.inc();
      if (terminated > 0) m.terminated.inc(terminated);
      m.nextOffset.set({ partition: fence.partition }, Number(nextOffset));
      logger.info({ ...place(fence), nextOffset: nextOffset.toString(), terminated }, 'took the partition over');
    },
    takeOverFailed: (partition, err) => logger.warn({ partition, err }, 'takeover failed; trying again'),
    owned(partition) {
      m.halted.set({ partition }, 0);
      m.intakePaused.set({ partition }, 0);
    },
    workCrashed: (partition, err) =>
      logger.error({ partition, err }, 'the work on a partition crashed; taking it over again. Please report this'),
    fetched: (partition, _records, highWatermark) => m.highWatermark.set({ partition }, Number(highWatermark)),
    misplaced: (partition, expected, found) =>
      logger.info({ partition, expected: expected.toString(), found: found.toString() }, 'a batch of another place'),
    halted({ topic, partition }, { reason, detail }) {
      halted(partition);
      logger.error(
        { topic, partition, reason },
        `PARTITION_HALTED: ${detail} Nothing was skipped or changed: see the runbook, then \`hookline partitions resume\``,
      );
    },
    resumed({ topic, partition }, nextOffset, actor) {
      m.halted.set({ partition }, 0);
      logger.warn({ topic, partition, nextOffset: nextOffset.toString(), actor }, 'the halted partition was resumed');
    },
    resumeRefused: ({ topic, partition }, actor, detail) =>
      logger.warn({ topic, partition, actor, detail }, 'a decision about a halted partition was refused'),
    haltRetried: ({ topic, partition }, err) =>
      logger.warn({ topic, partition, err }, 'the database is needed for a halted partition; trying again'),
    fenced(fence, epoch) {
      m.fenced.inc();
      logger.warn({ ...place(fence), ownerEpoch: epoch?.toString() }, 'fenced out: a later owner has the partition');
    },
    gap: (fence, expected, found) =>
      logger.warn(
        { ...place(fence), expected: expected.toString(), found: found.toString() },
        'records begin above the stored offset; reading from there',
      ),
    sliceStarted(records) {
      const startedAt = clock.monotonic();
      m.sliceRecords.observe(records);
      return () => m.sliceSeconds.observe((clock.monotonic() - startedAt) / 1000);
    },
    decided(fence, decided) {
      const now = clock.now();
      const tellsEach = logger.isLevelEnabled('debug');
      const counts = new Map<RecordDecision, number>();
      for (const { record, decision, flags } of decided) {
        counts.set(decision, (counts.get(decision) ?? 0) + 1);
        for (const flag of flags) m.flags.inc({ flag });
        if (isControl(record)) {
          m.commands.inc({ command: record.order?.target.command ?? 'unreadable', outcome: decision });
          logger.info({ ...place(fence), ...facts(record), outcome: decision }, 'a command was read');
        }
        if (decision === 'processed' && isDelivery(record)) {
          m.age.observe(Math.max(0, now - record.delivery.receivedAt) / 1000);
        }
        if (tellsEach) logger.debug({ ...place(fence), ...facts(record), decision }, decision);
      }
      for (const [decision, count] of counts) m.records.inc({ decision }, count);
      const last = decided.at(-1);
      if (last) m.nextOffset.set({ partition: fence.partition }, Number(last.record.offset + 1n));
    },
    retrying(fence, what, tries, waitMs, err) {
      m.retries.inc({ what });
      logger.warn({ ...place(fence), what, tries, waitMs: Math.round(waitMs), err }, 'waiting, then trying again');
    },
    handlerFailed(fence, record, { handler, error }, kind, next) {
      m.failures.inc({ handler: handler ?? 'none', kind });
      const level = next === 'again' ? 'info' : 'warn';
      logger[level]({ ...place(fence), ...facts(record), handler, kind, err: error }, AFTER_FAILURE[next]);
    },
    blamed: (fence, record, owner) =>
      logger.error(
        { ...place(fence), ...facts(record), owner },
        'a process has died while it ran this record: it waits in a lane, and its repository behind it',
      ),
    breakerChanged(handler, open) {
      m.breaker.set({ handler }, open ? 1 : 0);
      if (open) {
        logger.error(
          { handler },
          'BREAKER_OPEN: a handler fails for many repositories alike. Their partitions wait and try again; nothing is ' +
            'counted against the records. Mend the handler, or what it depends on',
        );
      } else logger.info({ handler }, 'a handler works again for most repositories');
    },
    intakePaused(fence, record, tries) {
      m.intakePaused.set({ partition: fence.partition }, 1);
      if (tries > 1) return;
      logger.error(
        { ...place(fence), ...facts(record) },
        'INTAKE_PAUSED: the lanes are full. The partition waits for room in them, and goes on by itself',
      );
    },
    intakeResumed(fence) {
      m.intakePaused.set({ partition: fence.partition }, 0);
      logger.info(place(fence), 'there is room in the lanes again');
    },
    orderApplied(fence, { commandId, actor, target: { command, orderingKey } }, { outcome, detail }) {
      m.commands.inc({ command, outcome });
      logger.info({ ...place(fence), commandId, command, orderingKey, actor, outcome, detail }, 'a command was read');
    },
    ordersNotRead: (err) => logger.warn({ err }, 'commands of the table were not read or applied; trying again'),
    offsetsNotCopied: (err) => logger.debug({ err }, 'offsets were not copied to Kafka; the next copy has them'),
    databaseConnectionLost: (err) => logger.warn({ err }, 'a database connection was lost'),
  };
}

type Place = Pick<Fence, 'consumerGroup' | 'topic' | 'partition'>;

function place({ topic, partition, epoch }: Fence) {
  return { topic, partition, epoch: epoch.toString() };
}

const AFTER_FAILURE: Record<NextStep, string> = {
  again: 'a handler failed, at no fault of its own; running the record again',
  wait: 'a handler failed, as it does for many repositories; waiting, then running the record again',
  park: 'a handler failed: the record waits in a lane, and its repository behind it',
};

function facts(record: LogRecord) {
  const offset = record.offset.toString();
  if (isControl(record)) {
    const { commandId, command, orderingKey, actor } = record.control;
    return { offset, commandId, command, orderingKey, actor, detail: record.detail };
  }
  if (!isDelivery(record)) return { offset, detail: record.detail };
  const { guid, event, action } = record.delivery;
  return { offset, orderingKey: record.orderingKey, guid, event, action };
}

function processorMetrics(metrics: Metrics) {
  return {
    records: metrics.counter({
      name: 'hookline_records_total',
      help: 'Records of the log, by what became of them.',
      labelNames: ['decision'],
    }),
    flags: metrics.counter({
      name: 'hookline_delivery_flags_total',
      help: "What is worth a look about deliveries, whatever was decided: another event's header, a replay, a reused GUID.",
      labelNames: ['flag'],
    }),
    commands: metrics.counter({
      name: 'hookline_commands_total',
      help: "Operators' commands, by what became of them.",
      labelNames: ['command', 'outcome'],
    }),
    age: metrics.histogram({
      name: 'hookline_accept_to_commit_seconds',
      help: 'From the arrival of a delivery at ingest to the commit of its effects.',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1, 2, 5, 15, 60, 300],
    }),
    sliceSeconds: metrics.histogram({
      name: 'hookline_slice_seconds',
      help: 'One slice, its retries included.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    }),
    sliceRecords: metrics.histogram({
      name: 'hookline_slice_records',
      help: 'Records in one slice.',
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
    }),
    nextOffset: metrics.gauge({
      name: 'hookline_partition_next_offset',
      help: 'Offset up to which a partition has been processed, while it is ours.',
      labelNames: ['partition'],
    }),
    highWatermark: metrics.gauge({
      name: 'hookline_partition_high_watermark',
      help: 'Offset at which a partition of the log ends, as of the last fetch, while the partition is ours.',
      labelNames: ['partition'],
    }),
    halted: metrics.gauge({
      name: 'hookline_partition_halted',
      help: '1: the partition waits for a human. Partitions of other members are absent.',
      labelNames: ['partition'],
    }),
    failures: metrics.counter({
      name: 'hookline_handler_failures_total',
      help: 'Failures of records that ran alone, by handler and by what they were; only faults count against a record.',
      labelNames: ['handler', 'kind'],
    }),
    breaker: metrics.gauge({
      name: 'hookline_breaker_open',
      help: '1: the handler fails for many repositories alike, and everything that it asks for waits.',
      labelNames: ['handler'],
    }),
    intakePaused: metrics.gauge({
      name: 'hookline_intake_paused',
      help: '1: the lanes are full, and the partition waits for room in them. Partitions of other members are absent.',
      labelNames: ['partition'],
    }),
    retries: metrics.counter({
      name: 'hookline_slice_retries_total',
      help: 'Attempts repeated because a dependency failed.',
      labelNames: ['what'],
    }),
    joins: metrics.counter({ name: 'hookline_group_joins_total', help: 'Joins of the consumer group.' }),
    clientsLost: metrics.counter({ name: 'hookline_kafka_clients_lost_total', help: 'Kafka clients made anew.' }),
    takeovers: metrics.counter({ name: 'hookline_takeovers_total', help: 'Partitions taken over.' }),
    terminated: metrics.counter({
      name: 'hookline_stale_owners_terminated_total',
      help: 'Database backends of older owners that were ended by a takeover.',
    }),
    fenced: metrics.counter({
      name: 'hookline_fenced_total',
      help: 'Transactions that a later owner of the partition kept from writing.',
    }),
  };
}
