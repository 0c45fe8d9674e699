import { systemClock, type Clock, type Logger, type Metrics } from '@hookline/runtime';
import type { ISocketFactory } from 'kafkajs';
import { beginningWith } from '../client/create-kafka.ts';
import { AppendQueue, type Queued, type SendSize } from './append-queue.ts';
import {
  DELIVERY_LOG_DEFAULTS,
  type AppendFailure,
  type AppendResult,
  type DeliveryLog,
  type DeliveryLogSettings,
  type LogRecord,
} from './delivery-log.ts';
import { createAppendEvents, describe, type AppendEvents } from './events.ts';
import { createTopologyReader, type Leaders, type Topology } from './leaders.ts';
import { judgeTooLarge } from './judge-too-large.ts';
import { createLogProducer } from './log-producer.ts';
import { createSender, type Sender, type SendOutcome } from './sender.ts';
import { createTopologyWatch } from './topology-watch.ts';

type DefaultedSettings = keyof typeof DELIVERY_LOG_DEFAULTS;
export type DeliveryLogOptions = Omit<DeliveryLogSettings, DefaultedSettings> &
  Partial<Pick<DeliveryLogSettings, DefaultedSettings>>;

export interface DeliveryLogOverrides {
  clock?: Clock;
  /** How to reach a broker; a test routes it through a proxy. */
  openSocket?: ISocketFactory;
}

export interface DeliveryLogTools {
  logger: Logger;
  metrics: Metrics;
  /** Where several logs share a process: of the one set that they have. */
  events?: AppendEvents;
}

/** What a record costs in memory and on the wire beside its own bytes. */
const RECORD_OVERHEAD_BYTES = 100;

/** 5 MB a second: a body of 25 MB is given five seconds more than a small one. */
const SLOWEST_BYTES_PER_MS = 5_000;

const SEALED_DETAIL = 'The topic is sealed: its generation has ended, and the next one is not configured here.';

interface Waiting extends LogRecord {
  /** Only the first answer counts: a send may end after the deadline. */
  answer(result: AppendResult): void;
}

/** Connects nothing before `start()`. Values that are not given are those of {@link DELIVERY_LOG_DEFAULTS}. */
export function createDeliveryLog(
  options: DeliveryLogOptions,
  { logger, metrics, events = createAppendEvents(logger, metrics) }: DeliveryLogTools,
  overrides: DeliveryLogOverrides = {},
): DeliveryLog {
  const settings: DeliveryLogSettings = { ...DELIVERY_LOG_DEFAULTS, ...options };
  const clock = overrides.clock ?? systemClock;
  const queue = new AppendQueue<Waiting>(settings.partitions, settings);
  const allPartitions = Array.from({ length: settings.partitions }, (_, partition) => partition);
  const senders = new Map<number, Record<SendSize, Sender>>();
  const sealed = new Set<number>();
  let leaders: Leaders = new Map();
  let stopping = false;
  let pumpScheduled = false;
  let expiry: NodeJS.Timeout | undefined;
  let onDrained: (() => void) | undefined;

  const readerSettings = { ...settings, refreshMs: settings.metadataRefreshMs, timeoutMs: settings.sendTimeoutMs };
  const watch = createTopologyWatch(
    readerSettings,
    createTopologyReader(readerSettings, logger, overrides.openSocket),
    logger,
    onTopology,
  );
  let known: Topology = watch.topology;

  function onTopology(topology: Topology): void {
    events.topologyChanged(known, topology);
    known = topology;
    if (topology.state === 'mismatch') answerAll(queue.clear(), 'UNAVAILABLE', topology.reason);
    if (topology.state === 'known') useLeaders(topology.leaders);
    pumpAll();
  }

  function useLeaders(now: Leaders): void {
    for (const [leader, both] of senders) {
      if (sameList(now.get(leader), leaders.get(leader))) continue;
      both.small.renew();
      both.large.renew();
    }
    leaders = now;
    for (const leader of now.keys()) {
      if (!senders.has(leader)) {
        senders.set(leader, { small: senderFor(leader, 'small'), large: senderFor(leader, 'large') });
      }
    }
  }

  function senderFor(leader: number, size: SendSize): Sender {
    return createSender<Waiting>({
      next: () => queue.take(leaders.get(leader) ?? [], size),
      toMessage: ({ item: { key, value, headers, partition } }) => ({ key, value, headers, partition }),
      timeoutFor: (bytes) => settings.sendTimeoutMs + Math.ceil(bytes / SLOWEST_BYTES_PER_MS),
      createProducer: (attempt) =>
        createLogProducer(
          { ...settings, connection: beginningWith(settings.connection, attempt) },
          logger,
          overrides.openSocket,
        ),
      judgeTooLarge: (batch) => judgeTooLarge(batch, { ...settings, openSocket: overrides.openSocket }, logger),
      onOutcome,
      onReplaced(error) {
        events.producerReplaced(leader, error);
        watch.refreshSoon();
      },
    });
  }

  function onOutcome(batch: Queued<Waiting>[], outcome: SendOutcome): void {
    events.sent(batch.length, bytesOf(batch));
    if (outcome.success) {
      batch.forEach(({ item }, index) => {
        item.answer({ success: true, partition: item.partition, offset: outcome.offsets[index] as string });
      });
      queue.finish(batch);
    } else if (outcome.failure === 'TRANSIENT') {
      queue.putBack(batch);
    } else if (outcome.failure === 'SEALED' && new Set(batch.map(({ partition }) => partition)).size === 1) {
      onSealed(batch);
    } else if (outcome.failure === 'REFUSED' || batch.length === 1) {
      const reason = outcome.failure === 'TOO_LARGE' ? 'TOO_LARGE' : 'UNAVAILABLE';
      answerAll(batch, reason, `Kafka refuses the record: ${outcome.error.message}`);
      queue.finish(batch);
    } else {
      events.recordsIsolated(batch.length, outcome.error);
      for (const record of batch) record.alone = true;
      queue.putBack(batch);
    }
    onQueueChanged();
    // What waited behind this send may be the other sender's, or another leader's by now.
    pumpSoon();
  }

  /** For good: all that waits is answered at once and in order, so that nothing that comes later overtakes it elsewhere. */
  function onSealed(batch: Queued<Waiting>[]): void {
    const { partition } = batch[0] as Queued<Waiting>;
    if (sealed.size === 0) events.sealed(settings.topic);
    sealed.add(partition);
    answerAll(batch, 'SEALED', SEALED_DETAIL);
    queue.finish(batch);
    answerAll(queue.clearPartition(partition), 'SEALED', SEALED_DETAIL);
  }

  function answerAll(records: Queued<Waiting>[], reason: AppendFailure, detail: string): void {
    for (const { item } of records) item.answer({ success: false, reason, detail });
  }

  function onQueueChanged(): void {
    events.queueChanged(queue.bytes, queue.records);
    if (queue.records === 0) onDrained?.();
  }

  /** Once for all that is appended in one turn of the event loop: they travel together. */
  function pumpSoon(): void {
    if (pumpScheduled) return;
    pumpScheduled = true;
    setImmediate(() => {
      pumpScheduled = false;
      pumpAll();
    });
  }

  function pumpAll(): void {
    for (const both of senders.values()) {
      both.small.pump();
      both.large.pump();
    }
  }

  function armExpiry(): void {
    const deadline = queue.nextDeadline();
    if (expiry !== undefined || deadline === undefined) return;
    expiry = setTimeout(
      () => {
        expiry = undefined;
        const detail = describe(watch.topology) ?? 'the broker that leads the partition does not answer';
        answerAll(
          queue.expire(clock.monotonic()),
          'UNAVAILABLE',
          `Not acknowledged within ${settings.deadlineMs} ms: ${detail}`,
        );
        onQueueChanged();
        armExpiry();
      },
      Math.max(1, deadline - clock.monotonic()),
    );
  }

  function sharersOf(partition: number): readonly number[] {
    for (const partitions of leaders.values()) if (partitions.includes(partition)) return partitions;
    return allPartitions;
  }

  return {
    async start() {
      watch.start();
    },

    async append(record) {
      const { promise, resolve } = Promise.withResolvers<AppendResult>();
      const startedAt = clock.monotonic();
      let answered = false;
      const answer = (result: AppendResult): void => {
        if (answered) return;
        answered = true;
        events.appended(result, (clock.monotonic() - startedAt) / 1000);
        resolve(result);
      };
      const refusal = refuse(record);
      if (refusal !== null) answer({ success: false, ...refusal });
      return await promise;

      function refuse({ key, partition, value }: LogRecord): { reason: AppendFailure; detail: string } | null {
        if (stopping) return { reason: 'STOPPING', detail: 'The log is being closed.' };
        if (sealed.has(partition)) return { reason: 'SEALED', detail: SEALED_DETAIL };
        if (watch.topology.state === 'mismatch') return { reason: 'UNAVAILABLE', detail: watch.topology.reason };
        const bytes = value.length + key.length + RECORD_OVERHEAD_BYTES;
        const deadline = startedAt + settings.deadlineMs;
        const item: Waiting = { ...record, answer };
        if (!queue.offer({ partition, bytes, deadline, item, alone: false, done: false }, sharersOf(partition))) {
          return { reason: 'OVERLOADED', detail: `${queue.bytes} bytes wait for the log already.` };
        }
        onQueueChanged();
        armExpiry();
        pumpSoon();
        return null;
      }
    },

    async stop() {
      stopping = true;
      if (queue.records > 0) {
        await new Promise<void>((resolve) => {
          onDrained = resolve;
          setTimeout(resolve, settings.drainTimeoutMs).unref();
        });
      }
      answerAll(queue.clear(), 'STOPPING', 'The log was closed before the record was acknowledged.');
      onQueueChanged();
      watch.stop();
      clearTimeout(expiry);
      await Promise.all([...senders.values()].flatMap(({ small, large }) => [small.close(), large.close()]));
    },

    readiness: () => (stopping ? 'The log is being closed.' : (describe(watch.topology) ?? true)),
  };
}

function bytesOf(batch: readonly Queued<unknown>[]): number {
  return batch.reduce((sum, { bytes }) => sum + bytes, 0);
}

function sameList(one: readonly number[] | undefined, other: readonly number[] | undefined): boolean {
  return one?.join() === other?.join();
}
