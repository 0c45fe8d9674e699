import type { HandlerPolicy } from '@hookline/handlers';
import { backoffMs } from '@hookline/runtime';

/** What is stored about the tries of a lane's head. All are 0 for a head that was never tried. */
export interface HeadState {
  /** Tries that failed and counted. */
  attempts: number;
  /** Processes that died while they ran it. */
  kills: number;
  /** Tries in a row that failed and did not count. */
  deferrals: number;
}

export interface LanePolicy {
  /** Counted failures after which a head gets its last run, where the failing handler does not say otherwise. */
  maxAttempts: number;
  /** Processes that may die of a head before it gets its last run. */
  maxKills: number;
  retry: { baseMs: number; maxMs: number };
}

/** How a run of the head ended that did not complete it. */
export type HeadEvent =
  /** By what the failing handler says of its own, where it does. */
  | { type: 'failed'; maxAttempts?: number | undefined; retry?: HandlerPolicy['retry'] }
  /** Nobody's fault. `afterMs`: what the handler asked for by RetryLater. */
  | { type: 'deferred'; afterMs?: number | undefined }
  /** The process that ran it is no more, and has not said that it gave the run up. */
  | { type: 'killed' };

export interface HeadDecision extends HeadState {
  /** `last-run`: its attempts are exhausted; each handler runs once more, by itself, and what fails is dead. */
  next: 'retry' | 'last-run';
  dueInMs: number;
}

/** A condition that passes is looked at again at least this often, however long it has lasted. */
const LONGEST_DEFERRAL_MS = 30_000;

/**
 * What follows a run that did not complete the head. Pure.
 *
 * `attempts` grows by counted failures and kills only, so that no outage, deploy or rebalance brings a record nearer to
 * its end. A deferral keeps what was counted.
 *
 * @param random a number in [0, 1)
 */
export function decideHead(head: HeadState, event: HeadEvent, policy: LanePolicy, random: number): HeadDecision {
  const { retry } = policy;
  if (event.type === 'deferred') {
    const deferrals = head.deferrals + 1;
    const maxMs = Math.min(retry.maxMs, LONGEST_DEFERRAL_MS);
    // Never sooner than the first retry: a handler that asks for no wait at all would run, and be audited, without a pause.
    const dueInMs =
      event.afterMs === undefined
        ? backoffMs(deferrals, { baseMs: retry.baseMs, maxMs }, random)
        : Math.max(event.afterMs, retry.baseMs);
    return { ...head, deferrals, next: 'retry', dueInMs };
  }
  const attempts = head.attempts + 1;
  const kills = head.kills + (event.type === 'killed' ? 1 : 0);
  const maxAttempts = (event.type === 'failed' ? event.maxAttempts : undefined) ?? policy.maxAttempts;
  if (attempts >= maxAttempts || kills >= policy.maxKills) {
    return { attempts, kills, deferrals: 0, next: 'last-run', dueInMs: 0 };
  }
  return {
    attempts,
    kills,
    deferrals: 0,
    next: 'retry',
    dueInMs: backoffMs(attempts, ownRetry(event) ?? retry, random),
  };
}

function ownRetry(event: HeadEvent): LanePolicy['retry'] | undefined {
  const own = event.type === 'failed' ? event.retry : undefined;
  return own && { baseMs: own.minMs, maxMs: own.maxMs };
}

/**
 * Whether a head is exhausted for every handler that asks for it, before it is run: what a slice has counted is enough
 * already, or the limits are lower than they were.
 *
 * @param asked the handlers' own limits
 */
export function isExhausted(
  { attempts, kills }: HeadState,
  asked: readonly (number | undefined)[],
  { maxAttempts, maxKills }: LanePolicy,
): boolean {
  return kills >= maxKills || (asked.length > 0 && asked.every((own) => attempts >= (own ?? maxAttempts)));
}

/** What is noted of each handler in a last run. `started` and nothing else yet: it runs, or its run was given up. */
export type LastRun = Readonly<Record<string, 'started' | 'processed' | 'dead'>>;

export type LastRunStep =
  | { next: 'run'; handler: string }
  /** Every handler has its end. `dead`: those that have failed; empty: the delivery is processed after all. */
  | { next: 'complete'; dead: string[] };

/**
 * The next step of a last run. Pure. A handler that is `started` runs again: where a process has died of it, whoever
 * took the partition over has noted it `dead` before it comes here.
 *
 * @param asked names of the handlers that ask for the delivery, in the order in which they run
 */
export function decideLastRun(noted: LastRun, asked: readonly string[]): LastRunStep {
  const handler = asked.find((name) => !Object.hasOwn(noted, name) || noted[name] === 'started');
  if (handler !== undefined) return { next: 'run', handler };
  return { next: 'complete', dead: Object.keys(noted).filter((name) => noted[name] === 'dead') };
}
