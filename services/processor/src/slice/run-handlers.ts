import type { RequestedEffect } from '@hookline/contracts';
import { lendTransaction, type LentTransaction, type Queryable } from '@hookline/database';
import {
  collectEffects,
  matches,
  orderGuard,
  scopedDatabase,
  type HandledDelivery,
  type Handler,
  type SliceContext,
} from '@hookline/handlers';
import { withSpan, type Span } from '@hookline/runtime';
import { isOurs } from '../built-in/our-handler.ts';
import { NO_RUN, type RunTrace } from '../tracing/run-trace.ts';

export interface HandlerFailure {
  /** Null where the transaction failed at its end, and it can have been any of them. */
  handler: string | null;
  error: unknown;
  /** The last error of the handler's transaction, told by the handler or not; undefined where there was none. */
  said: unknown;
  /** Index of the delivery that failed; null where a slice handler failed, and any of them could be the reason. */
  index: number | null;
}

/** An effect that a handler has asked for, of the delivery of this index. */
export interface AskedEffect {
  index: number;
  handler: string;
  requested: RequestedEffect;
  /** Where its trace goes on from, where it is traced. */
  traceparent: string | undefined;
}

export type HandlersEnd =
  /** What they want done once it is committed, in the order in which they have asked. */
  { success: true; effects: AskedEffect[] } | { success: false; failure: HandlerFailure };

export interface HandlerRun {
  tx: Queryable;
  /** Aborted when the partition is lost. */
  signal: AbortSignal;
  /** Milliseconds that one call of a handler may take, where its policy says nothing else. */
  timeoutMs: number;
  /** The database role under which users' handlers run. */
  handlersRole: string;
  /** Absent: nothing is traced. */
  trace?: RunTrace;
}

/**
 * The server ends a transaction that says nothing for longer than the longest call may take, and some seconds. Handlers
 * that ask it nothing can take longer together: after so much silence it is told something before the next call.
 */
const QUIET_MS = 5000;

/**
 * Runs what asks for each delivery, in log order: first the delivery handlers, delivery by delivery, then each slice
 * handler once. Stops at the first failure and returns it: `classifyFailure` tells whose it is. The loss of the
 * partition is nobody's failure, and is thrown; so is that the transaction could not be had back from them, or not lent.
 *
 * Users' handlers run under a role of their own; what is built in runs under ours.
 *
 * @param handlers all of them, or those that are to run
 */
export async function runHandlers(
  handlers: readonly Handler[],
  deliveries: readonly HandledDelivery[],
  run: HandlerRun,
): Promise<HandlersEnd> {
  const { trace = NO_RUN } = run;
  const each = handlers.filter((handler) => handler.kind === 'delivery');
  const speak = speaker(run);
  const lent = lendTransaction(run.tx, run.handlersRole);
  const effects: AskedEffect[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    for (const handler of each) {
      if (!matches(handler.on, delivery.event, delivery.action)) continue;
      await speak();
      const collected = collectEffects({ handler: handler.name, delivery });
      const ours = scopedDatabase(isOurs(handler) ? run.tx : lent.between, handler.name);
      const order = orderGuard(handler.name, delivery, ours.db);
      const span = trace.handler(handler.name, delivery);
      const failure = await call(handler, run, lent, span, async (context) => {
        await handler.run(delivery, { ...context, effects: collected.effects, order });
        collected.settle();
        ours.settle();
      }).finally(() => {
        collected.close();
        ours.close();
      });
      if (failure) return { success: false, failure: { ...failure, said: failure.said ?? ours.failure(), index } };
      const { traceparent } = span;
      for (const requested of collected.requested()) {
        effects.push({ index, handler: handler.name, requested, traceparent });
      }
    }
  }
  for (const handler of handlers) {
    if (handler.kind !== 'slice') continue;
    const asked = deliveries.filter(({ event, action }) => matches(handler.on, event, action));
    if (asked.length === 0) continue;
    await speak();
    const span = trace.handler(handler.name, null);
    const failure = await call(handler, run, lent, span, (context) => handler.runSlice(asked, context));
    if (failure) return { success: false, failure: { ...failure, index: null } };
  }
  await lent.takeBack();
  return { success: true, effects };
}

function speaker({ tx, timeoutMs }: HandlerRun): () => Promise<void> {
  const quietMs = Math.min(QUIET_MS, timeoutMs);
  let spokeAt = performance.now();
  return async () => {
    if (performance.now() - spokeAt < quietMs) return;
    await tx.query('select');
    spokeAt = performance.now();
  };
}

async function call(
  handler: Handler,
  { tx, signal: lost, timeoutMs }: HandlerRun,
  lent: LentTransaction,
  span: Span,
  handle: (context: SliceContext) => Promise<void>,
): Promise<Omit<HandlerFailure, 'index'> | null> {
  const { name, policy } = handler;
  const withinMs = policy?.timeoutMs ?? timeoutMs;
  const ended = new AbortController();
  if (isOurs(handler)) await lent.takeBack();
  const scope = scopedDatabase(isOurs(handler) ? tx : lent.tx, name);
  const givenUp = Promise.withResolvers<never>();
  const giveUp = (reason: unknown) => {
    ended.abort(reason);
    givenUp.reject(reason);
  };
  const onLost = () => giveUp(lost.reason);
  lost.addEventListener('abort', onLost, { once: true });
  const timer = setTimeout(() => giveUp(new Error(`Handler ${name} did not settle within ${withinMs} ms.`)), withinMs);
  try {
    await withSpan(span, () => Promise.race([handle({ db: scope.db, signal: ended.signal }), givenUp.promise]));
    scope.settle();
    return null;
  } catch (error) {
    lost.throwIfAborted();
    lent.throwIfRefused();
    return { handler: name, error, said: scope.failure() };
  } finally {
    clearTimeout(timer);
    lost.removeEventListener('abort', onLost);
    scope.close();
  }
}
