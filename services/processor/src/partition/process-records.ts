import { isDataFault, TransactionLost } from '@hookline/database';
import { matches } from '@hookline/handlers';
import type { WorkEnd } from '@hookline/kafka';
import { backoffMs } from '@hookline/runtime';
import { classifyFailure } from '../slice/classify-failure.ts';
import { isDelivery, isUndecodable, type DeliveryRecord, type LogRecord } from '../slice/record.ts';
import { letterOf } from '../slice/write-outcome.ts';
import { runSlice, type Committed, type Refused, type SliceEnd } from '../slice/run-slice.ts';
import type { HandlerFailure } from '../slice/run-handlers.ts';
import { afterFailure, triesAfter, triesAfterDeath } from './after-failure.ts';
import type { CarefulMode } from './careful-mode.ts';
import { isolate, oneByOne, partOf, type Part } from './part.ts';
import { pause, untilDone, type PartitionContext } from './partition-context.ts';
import { runSuspect } from './suspect-run.ts';

/** Jitter between two runs at once of what another transaction was in the way of. */
const CONFLICT = { baseMs: 10, maxMs: 200 };

type Failed = Exclude<SliceEnd, Committed>;

/**
 * Has every record decided, in order, whatever fails; null when all are.
 *
 * A failure is isolated by running less: what comes before the failing record, then that record alone, then the rest.
 * What fails alone is parked in its key's lane, so that the others go on. What cannot be parked is waited for.
 */
export function createRecordProcessor(
  context: PartitionContext,
  careful: CarefulMode,
): (records: readonly LogRecord[]) => Promise<WorkEnd | null> {
  const { slice, fence, owned, events, breaker, lanePolicy, waits, random } = context;
  let looksForRoom = 0;

  return async (records) => {
    const todo = oneByOne(records, careful.suspects());
    for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
      const end = await run(part);
      const next = end.success ? rest(part, end) : await follow(part, end);
      if (!Array.isArray(next)) return next;
      todo.unshift(...next);
    }
    return null;
  };

  async function run(part: Part): Promise<SliceEnd> {
    const [first] = part.records as [LogRecord];
    const suspect = careful.suspects() > 0;
    const runs = part.failed.size === 0;
    const died = suspect && runs ? await careful.diedOf(first.offset) : null;
    if (died !== null) {
      events.blamed(fence, first, died);
      return run({ ...part, failed: new Map([[first.offset, triesAfterDeath(died, lanePolicy, random())]]) });
    }
    const done = events.sliceStarted(part.records.length);
    const once = () =>
      inTurn(() => runSlice(slice, fence, part.records, { ...part, noted: suspect, signal: owned.signal }));
    const end = await untilDone(context, 'transaction', () =>
      (suspect && runs ? runSuspect(context, first, once) : once()).catch(refused),
    );
    done();
    if (end.success) committed(end, suspect);
    return end;
  }

  /** No handler ran, so that it is what a record holds. Everything else that is thrown is nobody's, and is tried again. */
  function refused(error: unknown): Refused {
    if (owned.signal.aborted || !(isDataFault(error) || error instanceof TransactionLost)) throw error;
    return { success: false, reason: 'REFUSED', error };
  }

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const giveBack = await context.turn.take(owned.signal);
    try {
      return await work();
    } finally {
      giveBack();
    }
  }

  function committed({ decided, nextOffset, laneDueInMs }: Committed, suspect: boolean): void {
    if (suspect) careful.passed();
    if (looksForRoom > 0) events.intakeResumed(fence);
    looksForRoom = 0;
    events.decided(fence, decided);
    context.onAdvanced(owned.partition, nextOffset);
    for (const { record } of decided) {
      if (isUndecodable(record) && !record.isEndMark) {
        events.deadLettered(fence, { offset: record.offset }, letterOf(record));
      }
    }
    if (laneDueInMs !== null) context.onLanesChanged(laneDueInMs);
    const processed = decided.flatMap(({ record, decision }) =>
      decision === 'processed' && isDelivery(record) ? [record] : [],
    );
    for (const { name, on } of slice.handlers) {
      const ran = processed.filter(({ delivery: { event, action } }) => matches(on, event, action));
      if (ran.length > 0) breaker.succeeded(name, new Set(ran.map(({ orderingKey }) => orderingKey)));
    }
  }

  /** What is left of a part that has committed: it ended early where there was no room. */
  function rest(part: Part, { nextOffset }: Committed): Part[] {
    const records = part.records.filter(({ offset }) => offset >= nextOffset);
    return records.length > 0 ? [{ ...part, records }] : [];
  }

  /** What is to be run instead of a part that failed, or how the work ends. */
  async function follow(part: Part, end: Failed): Promise<Part[] | WorkEnd> {
    const [first, ...others] = part.records as [LogRecord, ...LogRecord[]];
    switch (end.reason) {
      case 'FENCED':
        events.fenced(fence, end.epoch);
        return 'FENCED';
      case 'GAP':
        // Taking over again reads from the stored offset: whatever lies between is then seen.
        events.gap(fence, end.nextOffset, first.offset);
        return 'AGAIN';
      case 'AHEAD':
        return halt(
          'OFFSET_MOVED',
          end.nextOffset,
          `The stored offset is ${end.nextOffset}, and nobody of ours has moved it there.`,
        );
      case 'REFUSED':
        if (others.length > 0) return oneByOne(part.records);
        // Handlers ran: one of them can be the reason, and parking runs none. What cannot even be parked halts.
        if (part.failed.size === 0 && isDelivery(first)) {
          const failure = { handler: null, error: end.error, said: undefined, index: null };
          return [await afterFailingAlone(part, first, failure)];
        }
        return halt(
          'RECORD_REFUSED',
          first.offset,
          `The database refuses what the record at offset ${first.offset} holds: ${describe(end.error)}`,
        );
      case 'LANES_FULL':
        looksForRoom += 1;
        events.intakePaused(fence, end.record, looksForRoom);
        await pause(context, waits.roomMs);
        return [{ ...part, records: [first] }, ...(others.length > 0 ? [partOf(...others)] : [])];
      case 'HANDLER_FAILED':
        if (others.length > 0) return isolate(part, end.record);
        return [await afterFailingAlone(part, first as DeliveryRecord, end.failure)];
    }
  }

  async function afterFailingAlone(part: Part, record: DeliveryRecord, failure: HandlerFailure): Promise<Part> {
    const { handler } = failure;
    const kind = classifyFailure(failure);
    if (kind.counted && handler !== null) breaker.failed(handler, record.orderingKey);
    const next = afterFailure(kind, part.again, handler !== null && breaker.isOpen(handler));
    events.handlerFailed(fence, record, failure, kind.kind, next);
    if (next === 'park') {
      const tries = triesAfter(failure, kind, slice.handlers, lanePolicy, random());
      return { ...part, failed: new Map([[record.offset, tries]]) };
    }
    const again = part.again + 1;
    await pause(context, backoffMs(again, next === 'wait' ? waits.breaker : CONFLICT, random()));
    return { ...part, again };
  }

  function halt(reason: 'OFFSET_MOVED' | 'RECORD_REFUSED', nextOffset: bigint, detail: string): Promise<WorkEnd> {
    return context.halts.wait(fence, { reason, detail, nextOffset }, owned.closing);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
