import { isPassing, type Queryable } from '@hookline/database';
import { matches, scopedDatabase, type HandledDelivery, type Handler, type HandlerContext } from '@hookline/handlers';

export interface HandlerFailure {
  handler: string;
  error: unknown;
  /** Index of the delivery that failed; null where a slice handler failed, and any of them could be the reason. */
  index: number | null;
}

export interface HandlerRun {
  tx: Queryable;
  /** Aborted when the partition is lost. */
  signal: AbortSignal;
  /** Milliseconds that one call of a handler may take. */
  timeoutMs: number;
}

/**
 * Runs what asks for each delivery, in log order: first the delivery handlers, delivery by delivery, then each slice
 * handler once. Stops at the first failure and returns it. Conditions of the database are not a handler's failure,
 * and neither is the loss of the partition: they are thrown.
 */
export async function runHandlers(
  handlers: readonly Handler[],
  deliveries: readonly HandledDelivery[],
  run: HandlerRun,
): Promise<HandlerFailure | null> {
  const each = handlers.filter((handler) => handler.kind === 'delivery');
  for (const [index, delivery] of deliveries.entries()) {
    for (const handler of each) {
      if (!matches(handler.on, delivery.event, delivery.action)) continue;
      const failure = await call(handler.name, run, (context) => handler.run(delivery, context));
      if (failure) return { ...failure, index };
    }
  }
  for (const handler of handlers) {
    if (handler.kind !== 'slice') continue;
    const asked = deliveries.filter(({ event, action }) => matches(handler.on, event, action));
    if (asked.length === 0) continue;
    const failure = await call(handler.name, run, (context) => handler.runSlice(asked, context));
    if (failure) return { ...failure, index: null };
  }
  return null;
}

async function call(
  name: string,
  { tx, signal: lost, timeoutMs }: HandlerRun,
  handle: (context: HandlerContext) => Promise<void>,
): Promise<{ handler: string; error: unknown } | null> {
  const ended = new AbortController();
  const scope = scopedDatabase(tx, name);
  const givenUp = Promise.withResolvers<never>();
  const giveUp = (reason: unknown) => {
    ended.abort(reason);
    givenUp.reject(reason);
  };
  const onLost = () => giveUp(lost.reason);
  lost.addEventListener('abort', onLost, { once: true });
  const timer = setTimeout(
    () => giveUp(new Error(`Handler ${name} did not settle within ${timeoutMs} ms.`)),
    timeoutMs,
  );
  try {
    await Promise.race([handle({ db: scope.db, signal: ended.signal }), givenUp.promise]);
    scope.settle();
    return null;
  } catch (error) {
    lost.throwIfAborted();
    // Only what the database itself said can be its condition: a handler's own network errors are the handler's.
    if (isPassing(scope.failure())) throw scope.failure();
    return { handler: name, error };
  } finally {
    clearTimeout(timer);
    lost.removeEventListener('abort', onLost);
    scope.close();
  }
}
