import { setTimeout as delay } from 'node:timers/promises';
import type { FencedOut, LaneDelivery, LaneHead } from '@hookline/database';
import { backoffMs } from '@hookline/runtime';
import { classifyFailure } from '../slice/classify-failure.ts';
import { beginRun, giveRunUp } from './begin-run.ts';
import { isExhausted, type HeadEvent } from './decide-lane.ts';
import { decideTake, type Suspicion } from './decide-take.ts';
import { isInherited } from './is-inherited.ts';
import { askedHandlers } from './lane-records.ts';
import type { HandlerFailure } from '../slice/run-handlers.ts';
import type { HeadRun } from './head-run.ts';
import type { OwnedLanes } from './lane-settings.ts';
import type { GaveWay } from './lane-transaction.ts';
import { lastRun } from './last-run.ts';
import { putOff } from './put-off.ts';
import { runRecords } from './run-records.ts';

const AGAIN = { baseMs: 50, maxMs: 500 };

/**
 * One run of a lane, from its head: several records that were never tried, or the head alone, or its last run.
 *
 * A rejection is nobody's fault (the database is away, the partition is lost): nothing was counted, and whether its
 * COMMIT took effect shows when the lane is read again.
 */
export async function runHead(lanes: OwnedLanes, head: LaneHead, suspicion: Suspicion | null): Promise<HeadRun> {
  try {
    const run = await runAgain(lanes, head, suspicion);
    if (run.end === 'isolated' || run.end === 'gave-way' || run.end === 'fenced') {
      await giveRunUp(lanes, head.orderingKey);
    }
    return run;
  } catch (error) {
    await giveRunUp(lanes, head.orderingKey);
    throw error;
  }
}

/** What a new attempt resolves is run again at once, alone, before it is put off. */
async function runAgain(lanes: OwnedLanes, head: LaneHead, suspicion: Suspicion | null): Promise<HeadRun> {
  const take = decideTake({ ...head, position: head.headPosition }, suspicion, lanes.limits.records);
  for (let tries = 1; ; tries++) {
    const begun = await beginRun(lanes, head.orderingKey, take, (read) => !isLastRun(lanes, head, read));
    if (!begun.success) return fenced(begun);
    const { records } = begun;
    const [record] = records;
    if (!record) return { end: 'empty' };
    const last = isLastRun(lanes, head, records);
    const end = last ? await lastRun(lanes, head, record) : await runRecords(lanes, records);
    if (end.success) return succeeded(lanes, last ? [record] : records, end.value);
    if (end.reason !== 'FAILED') return fenced(end);
    if (records.length > 1 && !last) return { end: 'isolated', suspicion: suspect(records, end.failure) };
    if (tries > classifyFailure(end.failure).again) return failed(lanes, head, record, end.failure, last);
    await delay(backoffMs(tries, AGAIN, lanes.random()), undefined, { signal: lanes.signal });
  }
}

function isLastRun(lanes: OwnedLanes, head: LaneHead, records: readonly LaneDelivery[]): boolean {
  const { handlers, policy } = lanes;
  const [record] = records as [LaneDelivery];
  if (record.lastRun !== null) return true;
  // A dead delivery that runs again protects nothing any more: later ones have passed it. What fails is dead at once; of
  // several that run together nobody is, and each has its last run where they fail.
  if (record.dead !== null) return records.length === 1 || !records.every((one) => areAllAsked(handlers, one));
  if (isInherited(lanes, head, record)) return false;
  const limits = askedHandlers(handlers, record).map((handler) => handler.policy?.maxAttempts);
  return isExhausted(head, limits, policy);
}

/** Whether all that is dead of it is still there to run. What is not is dead again, as its last run says. */
function areAllAsked(handlers: OwnedLanes['handlers'], record: LaneDelivery): boolean {
  return record.dead?.handlers.length === askedHandlers(handlers, record).length;
}

function fenced(end: FencedOut | GaveWay): HeadRun {
  return end.reason === 'FENCED' ? { end: 'fenced', epoch: end.epoch } : { end: 'gave-way' };
}

function suspect(records: readonly LaneDelivery[], { index }: HandlerFailure): Suspicion {
  const { position: through } = records.at(-1) as LaneDelivery;
  return { failed: index === null ? null : (records[index]?.position ?? null), through };
}

function succeeded(
  { breaker, handlers }: OwnedLanes,
  records: LaneDelivery[],
  { closed, held = false, dead }: { closed: boolean; held?: boolean; dead?: string[] },
): HeadRun {
  if (dead && dead.length > 0) return { end: 'dead-lettered', records, closed, held, dead };
  // A last run has told the breaker of each handler already.
  if (!dead) {
    // That a dead delivery runs after all says nothing of its handler: somebody has mended it, or the delivery.
    const told = records.filter((record) => record.dead === null);
    const ran = new Set(told.flatMap((record) => askedHandlers(handlers, record).map(({ name }) => name)));
    for (const name of ran) breaker.succeeded(name, [(records[0] as LaneDelivery).orderingKey]);
  }
  return { end: 'processed', records, closed };
}

/** The head alone has failed. In a last run only what does not count comes here. */
async function failed(
  lanes: OwnedLanes,
  head: LaneHead,
  record: LaneDelivery,
  failure: HandlerFailure,
  last: boolean,
): Promise<HeadRun> {
  const { handlers, breaker } = lanes;
  const { counted, afterMs } = classifyFailure(failure);
  const event = headEvent();
  const decided = await putOff(lanes, head, record, failure, event);
  if (!decided.success) return fenced(decided);
  const { attempts, dueInMs } = decided.value;
  return { end: event.type === 'deferred' ? 'deferred' : 'retried', record, failure, attempts, dueInMs };

  function headEvent(): HeadEvent {
    const deferred = { type: 'deferred' as const, afterMs: afterMs ?? undefined };
    if (last || !counted) return deferred;
    const { handler } = failure;
    if (handler === null) return { type: 'failed' };
    breaker.failed(handler, head.orderingKey);
    // Many keys fail alike: it is not the records. Or we cannot know yet whether they do.
    if (breaker.isOpen(handler) || isInherited(lanes, head, record)) return deferred;
    const { maxAttempts, retry } = handlers.find(({ name }) => name === handler)?.policy ?? {};
    return { type: 'failed', maxAttempts, retry };
  }
}
