import {
  claimIdentities,
  endRun,
  isPassing,
  isRefusal,
  noteRedriven,
  removeFromLane,
  TransactionLost,
  writeAudit,
  type FencedOut,
  type LaneDelivery,
  type Queryable,
} from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { NO_TRACING } from '@hookline/runtime';
import { handledDelivery } from '../slice/handled-delivery.ts';
import { runHandlers, type HandlerFailure, type HandlerRun } from '../slice/run-handlers.ts';
import { tracedRun, traceRun } from '../tracing/run-trace.ts';
import { askedHandlers, auditOf, startOf } from './lane-records.ts';
import { claimsOf } from './lane-claims.ts';
import type { OwnedLanes } from './lane-settings.ts';
import { handlersThenFence, type GaveWay, type Ran } from './lane-transaction.ts';

export interface Failed {
  success: false;
  reason: 'FAILED';
  failure: HandlerFailure;
}

export interface RecordsDone {
  success: true;
  value: { closed: boolean; records: number };
}

/**
 * Runs the first records of a lane in one transaction: handlers in log order, then, under the fence, effects, claims,
 * what becomes of dead letters, the audit, their removal, and the lane's closing when nothing is left by then. All of it
 * or nothing. A record that no handler asks for any more claims nothing, as in the log.
 */
export function runRecords(
  lanes: OwnedLanes,
  records: readonly LaneDelivery[],
): Promise<RecordsDone | Failed | FencedOut | GaveWay> {
  const { fence } = lanes;
  const [first] = records as [LaneDelivery];
  // Those that run together run the same ones.
  const handlers = first.dead
    ? lanes.handlers.filter(({ name }) => first.dead?.handlers.includes(name))
    : lanes.handlers;
  const { orderingKey, position: through } = records.at(-1) as LaneDelivery;
  const bytes = records.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  const isAsked = (record: LaneDelivery) => askedHandlers(lanes.handlers, record).length > 0;
  return blamed(lanes, null, () =>
    tryThenFence(lanes, handlers, records, async (tx) => {
      await claimIdentities(tx, await claimsOf(tx, fence, records.filter(isAsked)));
      await noteRedriven(
        tx,
        fence,
        records.flatMap(({ dead }) => dead ?? []),
      );
      await writeAudit(
        tx,
        records.map((record) => ({ ...auditOf(fence, record), decision: isAsked(record) ? 'processed' : 'ignored' })),
      );
      const left = await removeFromLane(tx, fence, orderingKey, { through, records: records.length, bytes });
      await endRun(tx, fence, startOf(orderingKey));
      return left;
    }),
  );
}

/** Runs handlers for the first records of a lane in a transaction, then what completes it under the fence. */
export function tryThenFence<T>(
  lanes: OwnedLanes,
  handlers: readonly Handler[],
  records: readonly LaneDelivery[],
  complete: (tx: Queryable) => Promise<T>,
): Promise<{ success: true; value: T } | Failed | FencedOut | GaveWay> {
  const [first] = records as [LaneDelivery];
  const trace = traceRun(lanes.tracing ?? NO_TRACING, 'lane', lanes.fence, records);
  return tracedRun(trace, () =>
    handlersThenFence(lanes, first, (tx) => tryHandlers(lanes, handlers, records, { tx, trace }), complete),
  );
}

async function tryHandlers(
  { signal, handlerTimeoutMs: timeoutMs, handlersRole }: OwnedLanes,
  handlers: readonly Handler[],
  records: readonly LaneDelivery[],
  within: Pick<HandlerRun, 'tx' | 'trace'>,
): Promise<Ran | Failed> {
  const run = { ...within, signal, timeoutMs, handlersRole };
  const end = await runHandlers(handlers, records.map(handledDelivery), run);
  if (!end.success) return { success: false, reason: 'FAILED', failure: end.failure };
  const effects = end.effects.map(({ index, ...effect }) => {
    const record = records[index] as LaneDelivery;
    return { ...effect, record, incarnation: record.incarnation };
  });
  return { success: true, effects };
}

/**
 * What the handlers did can be refused at the very end: a deferred constraint or trigger, a transaction that one of them
 * has ended, a role that may not write our tables. Nothing was written then, and it would be refused again: that is a
 * failure of theirs. It counts only once it is written down, which a database that refuses everybody refuses, too.
 * Everything else that is thrown is nobody's, and is thrown on.
 */
export async function blamed<T>(
  { signal }: OwnedLanes,
  handler: string | null,
  run: () => Promise<T>,
): Promise<T | Failed> {
  try {
    return await run();
  } catch (error) {
    if (signal.aborted || isPassing(error)) throw error;
    if (!isRefusal(error) && !(error instanceof TransactionLost)) throw error;
    return { success: false, reason: 'FAILED', failure: { handler, error, said: undefined, index: null } };
  }
}
