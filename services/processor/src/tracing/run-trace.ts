import { isSampledTraceparent, type Delivery } from '@hookline/contracts';
import type { Fence } from '@hookline/database';
import { NO_SPAN, NO_TRACING, type Span, type SpanFacts, type Tracing } from '@hookline/runtime';

/** Where deliveries are run: from the log by a slice, or out of a lane. */
type Stage = 'log' | 'lane';

/** What is said of a delivery that is run. */
export interface TracedDelivery extends Pick<Delivery, 'guid' | 'event' | 'source' | 'headers'> {
  offset: bigint;
  orderingKey: string;
}

/** A delivery as the log or a lane has it. */
export interface TracedRecord {
  offset: bigint;
  orderingKey: string;
  delivery: Pick<Delivery, 'guid' | 'event' | 'source' | 'headers'>;
}

/** The spans of one run of deliveries in one transaction. */
export interface RunTrace {
  /** Runs `work` with the span of the run as the active one. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Of one handler, for a delivery, or for all of them: null. What it asks for goes on from it. */
  handler(name: string, delivery: TracedDelivery | null): Span;
  /** What is to become of one that was read; of what is run and not told of, it is `processed`. */
  decided(record: TracedRecord, decision: string): void;
  /** The transaction has committed, and what was run is processed: null. Or it has not, and why. */
  end(error: unknown): void;
}

export const NO_RUN: RunTrace = { run: (work) => work(), handler: () => NO_SPAN, decided() {}, end() {} };

/**
 * Each delivery has a span below the one that has put it into the log; a handler's is below the delivery's. What is run
 * together has a span of its own, which begins a trace: it is about several, and linked with each.
 *
 * All of them last from the beginning of the transaction to its end: before that nothing has happened.
 */
export function traceRun(tracing: Tracing, stage: Stage, fence: Fence, records: readonly TracedRecord[]): RunTrace {
  if (tracing === NO_TRACING) return NO_RUN;
  const place = placeFacts(stage, fence);
  const startedAt = Date.now();
  const batch = batchSpan(tracing, fence.topic, place, records);
  const links = batch.isRecorded && batch.traceparent !== undefined ? [batch.traceparent] : [];
  /** Of those that are followed here: most are carried on as they came, which takes a look at the `traceparent` alone. */
  const spans = new Map<string, Span>();
  const decisions = new Map<Span, string>();

  function spanOf(delivery: TracedDelivery): Span {
    // Whether it is one is looked at where a span begins: of most that would be the only thing that is done.
    const parent = delivery.headers['traceparent'] ?? null;
    const name = `process ${fence.topic}`;
    if (parent !== null && !isSampledTraceparent(parent)) return tracing.start(name, { kind: 'consumer', parent });
    const key = `${delivery.offset} ${delivery.guid}`;
    const known = spans.get(key);
    if (known) return known;
    const facts = () => ({ ...place, ...deliveryFacts(delivery) });
    const span = tracing.start(name, { kind: 'consumer', parent, links, startedAt, facts });
    spans.set(key, span);
    return span;
  }

  /** Of the run: where one delivery is run alone, that one's. */
  function spanOfRun(): Span {
    const [only, ...others] = records;
    return only && others.length === 0 ? spanOf(deliveryOf(only)) : batch;
  }

  return {
    run: (work) => batch.run(work),
    handler(name, delivery) {
      const above = delivery ? spanOf(delivery) : spanOfRun();
      if (!above.isRecorded) return above;
      return above.run(() => tracing.start(`handle ${name}`, { facts: () => ({ 'hookline.handler': name }) }));
    },
    decided(record, decision) {
      // Of what is carried on without a handler nothing is left to say.
      if (isFollowed(record)) decisions.set(spanOf(deliveryOf(record)), decision);
    },
    end(error) {
      for (const span of spans.values()) {
        if (error === null) span.set({ 'hookline.decision': decisions.get(span) ?? 'processed' });
        else span.fail(error);
        span.end();
      }
      if (error !== null) batch.fail(error);
      batch.end();
    },
  };
}

/** Runs `work` as the run that `trace` is about, which ends with it. */
export async function tracedRun<T extends { success: true } | { success: false; reason: string }>(
  trace: RunTrace,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const end = await trace.run(work);
    trace.end(end.success ? null : end.reason);
    return end;
  } catch (error) {
    trace.end(error);
    throw error;
  }
}

/** None for a delivery alone, nor where nobody follows any of them. */
function batchSpan(tracing: Tracing, topic: string, place: SpanFacts, records: readonly TracedRecord[]): Span {
  if (records.length < 2) return NO_SPAN;
  const isSampled = (traceparent: string | undefined): traceparent is string =>
    traceparent !== undefined && isSampledTraceparent(traceparent);
  const links = records.map(traceparentOf).filter(isSampled);
  if (links.length === 0) return NO_SPAN;
  const facts = () => ({ ...place, 'messaging.batch.message_count': records.length });
  return tracing.start(`slice ${topic}`, { kind: 'consumer', parent: null, links, facts });
}

function deliveryOf({ offset, orderingKey, delivery }: TracedRecord): TracedDelivery {
  return { offset, orderingKey, ...delivery };
}

function traceparentOf({ delivery }: TracedRecord): string | undefined {
  return delivery.headers['traceparent'];
}

/** Its trace is recorded, or begins here and may be. */
function isFollowed(record: TracedRecord): boolean {
  const traceparent = traceparentOf(record);
  return traceparent === undefined || isSampledTraceparent(traceparent);
}

function placeFacts(stage: Stage, { topic, partition, consumerGroup }: Fence): SpanFacts {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
    'messaging.consumer.group.name': consumerGroup,
    'hookline.stage': stage,
  };
}

function deliveryFacts({ offset, orderingKey, guid, event, source }: TracedDelivery): SpanFacts {
  return {
    'messaging.kafka.offset': Number(offset),
    'messaging.kafka.message.key': orderingKey,
    'hookline.guid': guid,
    'hookline.event': event,
    'hookline.source': source,
  };
}
