import type { Arrival, ArrivalState } from '@hookline/database';
import type { Clock } from '@hookline/runtime';
import { createBreaker } from './breaker.ts';
import type { LookUpEvents } from './events.ts';

/** What is known of deliveries before they are appended, as far as it can be had in time. */
export interface LookUp {
  /**
   * Resolves within the time-out, and never rejects: with `unknown`, too, where nobody could be asked. A delivery that
   * is appended once too often is found to be a duplicate later; one that is not appended is lost.
   */
  stateOf(arrival: Arrival): Promise<ArrivalState>;
}

export interface LookUpSettings {
  /** One round trip for all of them, in their order. Settles within a bound of its own. */
  find: (arrivals: readonly Arrival[]) => Promise<ArrivalState[]>;
  /** How long a delivery waits for it, in milliseconds. */
  timeoutMs: number;
  clock: Clock;
  events: LookUpEvents;
}

/** More in one statement take longer than two statements. */
const MAX_BATCH = 500;
/** Failures in a row after which deliveries no longer wait: three time-outs tell more than one. */
const FAILURES = 3;
/** How long they do not, before another look-up is tried beside them. */
const REST_MS = 2_000;

interface Waiting {
  arrival: Arrival;
  /** Undefined: nobody could be asked. */
  settle: (state: ArrivalState | undefined) => void;
}

/**
 * Looks deliveries up in batches, one at a time: what comes while one is under way goes with the next. So a busy ingest
 * asks less often than it takes deliveries, and an idle one at once.
 */
export function createLookUp({ find, timeoutMs, clock, events }: LookUpSettings): LookUp {
  const breaker = createBreaker({
    failures: FAILURES,
    restMs: REST_MS,
    clock,
    opened: events.lookUpsStopped,
    closed: events.lookUpsResumed,
  });
  const waiting = new Set<Waiting>();
  let underWay = false;

  const ask = async (arrivals: readonly Arrival[]): Promise<ArrivalState[]> => {
    const startedAt = clock.monotonic();
    try {
      const states = await find(arrivals);
      breaker.succeeded();
      return states;
    } catch (error) {
      events.lookUpFailed(error);
      breaker.failed();
      return [];
    } finally {
      events.lookUpEnded((clock.monotonic() - startedAt) / 1000);
    }
  };

  const pump = async (): Promise<void> => {
    if (underWay) return;
    underWay = true;
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, MAX_BATCH);
      for (const one of batch) waiting.delete(one);
      // Those who came before it opened need not wait to see for themselves.
      const states = breaker.isOpen() ? [] : await ask(batch.map(({ arrival }) => arrival));
      for (const [i, one] of batch.entries()) one.settle(states[i]);
    }
    underWay = false;
  };

  return {
    stateOf(arrival) {
      const permission = breaker.permission();
      if (permission === 'try') void ask([arrival]);
      if (permission !== 'ask') {
        events.notLookedUp();
        return Promise.resolve('unknown');
      }
      const { promise, resolve } = Promise.withResolvers<ArrivalState | undefined>();
      const one: Waiting = { arrival, settle: resolve };
      const timer = setTimeout(() => {
        waiting.delete(one);
        resolve(undefined);
      }, timeoutMs);
      waiting.add(one);
      void pump();
      return promise.then((state) => {
        clearTimeout(timer);
        if (state === undefined) events.notLookedUp();
        else events.lookedUp();
        return state ?? 'unknown';
      });
    },
  };
}
