import { settleAttempts, type AttemptEnd, type Database, type Shard } from '@hookline/database';
import { backoffMs } from '@hookline/runtime';
import type { RelayEvents } from '../events.ts';
import type { HeldShard } from '../leases/held-shards.ts';

export interface SettlerSettings {
  database: Database;
  events: RelayEvents;
  relay: string;
  statementTimeoutMs: number;
  random: () => number;
}

/** An attempt that has ended. */
export interface Ended {
  held: HeldShard;
  effectId: string;
  end: AttemptEnd;
  /** What became of it is written; or another relay has the shard, and nothing was. */
  onWritten(isOurs: boolean): void;
}

/** Writes what became of attempts, as many as have ended meanwhile in one transaction. */
export interface Settler {
  add(ended: Ended): void;
  /** Resolves to 0 while there is more to write. */
  tick(): Promise<number | null>;
  /** Milliseconds to wait after a turn that has failed. */
  failed(error: unknown, failures: number): number;
}

const MOST_AT_ONCE = 500;
const RETRY = { baseMs: 50, maxMs: 5000 };

export function createSettler({ database, events, relay, statementTimeoutMs, random }: SettlerSettings): Settler {
  const waiting: Ended[] = [];
  let atOnce = MOST_AT_ONCE;

  return {
    add: (ended) => void waiting.push(ended),
    async tick() {
      const batch = waiting.splice(0, atOnce);
      if (batch.length === 0) return null;
      let refused: Set<Shard>;
      try {
        const attempts = batch.map(({ held, effectId, end }) => ({ shard: held.shard, effectId, end }));
        const shards = await settleAttempts(database, { owner: relay, statementTimeoutMs }, attempts);
        refused = new Set(shards);
      } catch (error) {
        // Behind the others and one at a time: should one be the cause, it holds up no other.
        waiting.push(...batch);
        atOnce = 1;
        throw error;
      }
      atOnce = Math.min(MOST_AT_ONCE, 2 * atOnce);
      for (const { held, onWritten } of batch) onWritten(!refused.has(held.shard));
      return waiting.length > 0 ? 0 : null;
    },
    failed(error, failures) {
      const waitMs = backoffMs(failures, RETRY, random());
      events.retrying('settle', failures, waitMs, error);
      return waitMs;
    },
  };
}
