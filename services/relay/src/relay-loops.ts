import { backoffMs, type Clock } from '@hookline/runtime';
import type { RelayConfig } from './config.ts';
import type { RelayEvents } from './events.ts';
import type { HeldShards } from './leases/held-shards.ts';
import type { LeaseKeeper } from './leases/lease-keeper.ts';
import { renewalMs } from './leases/renewal.ts';
import { createLoop, type Loop } from './loop.ts';
import type { Reader } from './reading/reader.ts';
import type { Dispatcher } from './sending/dispatcher.ts';
import type { Settler } from './sending/settler.ts';

export interface RelayLoopsSettings {
  config: Pick<RelayConfig, 'leaseMs' | 'outboxPollMs'>;
  clock: Clock;
  events: RelayEvents;
  held: HeldShards;
  random: () => number;
  keeper: LeaseKeeper;
  reader: Reader;
  dispatcher: Dispatcher;
  settler: Settler;
}

/** The four loops of a relay. They share nothing but memory, so that none waits for the database behind another. */
export interface RelayLoops {
  lease: Loop;
  read: Loop;
  claim: Loop;
  settle: Loop;
  /** Of `/readyz`: whether leases are renewed. */
  leases(): true | string;
  /** Of `/livez`: whether all loops turn, which they do also when the database is away. */
  progress(): true | string;
}

const RETRY = { baseMs: 100, maxMs: 5000 };
/** Longer than any turn may take, its statements all timing out. */
const STUCK_MS = 60_000;

export function createRelayLoops(settings: RelayLoopsSettings): RelayLoops {
  const { config, clock, events, held, random, keeper, reader, dispatcher, settler } = settings;
  const turnedAt = new Map<string, number>();
  let renewedAt: number | null = null;
  const startedAt = clock.monotonic();

  const retrying = (what: 'lease' | 'read' | 'claim', maxMs: number) => (error: unknown, failures: number) => {
    const waitMs = Math.min(maxMs, backoffMs(failures, RETRY, random()));
    events.retrying(what, failures, waitMs, error);
    return waitMs;
  };
  let unprepared = '';
  const retryLease = retrying('lease', renewalMs(config.leaseMs) / 2);
  const turn = (name: string) => () => void turnedAt.set(name, clock.monotonic());

  const lease = createLoop({
    async tick() {
      const isNew = await keeper.tick();
      renewedAt = clock.monotonic();
      if (isNew) read.wake();
      return renewalMs(config.leaseMs);
    },
    onError(error, failures) {
      if (renewedAt !== null) return retryLease(error, failures);
      // A database that starts later than we do, or is migrated later, is ordinary: told once per reason.
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== unprepared) events.notPrepared(error);
      unprepared = reason;
      return backoffMs(failures, RETRY, random());
    },
    onTurn: turn('lease'),
  });
  const read = createLoop({
    async tick() {
      const isMore = await reader.tick();
      const sizes = held.all().map(({ queue }) => queue.size());
      events.queued({
        keys: sizes.reduce((sum, { keys }) => sum + keys, 0),
        entries: sizes.reduce((sum, { entries }) => sum + entries, 0),
      });
      claim.wake();
      return isMore ? 0 : config.outboxPollMs;
    },
    onError: retrying('read', RETRY.maxMs),
    onTurn: turn('read'),
  });
  const claim: Loop = createLoop({
    tick: () => dispatcher.tick(),
    onError: retrying('claim', RETRY.maxMs),
    onTurn: turn('claim'),
  });
  const settle = createLoop({
    tick: () => settler.tick(),
    onError: (error, failures) => settler.failed(error, failures),
  });

  return {
    lease,
    read,
    claim,
    settle,
    leases() {
      if (renewedAt === null) return 'no lease was asked for yet';
      const silentMs = clock.monotonic() - renewedAt;
      if (silentMs < config.leaseMs) return true;
      return `leases have not been renewed for ${Math.round(silentMs / 1000)} s: is the database there?`;
    },
    progress() {
      // Of the others, that wait until they are woken, silence says nothing.
      const stuck = ['lease', 'read'].filter((name) => silent(name) > STUCK_MS + config.outboxPollMs + config.leaseMs);
      return stuck.length === 0 || `the loop of ${stuck.join(' and ')} has not turned for over ${STUCK_MS / 1000} s`;
    },
  };

  function silent(name: string): number {
    return clock.monotonic() - (turnedAt.get(name) ?? startedAt);
  }
}
