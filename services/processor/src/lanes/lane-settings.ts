import type { Database, Fence, TransactionOptions } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import type { Clock, Tracing } from '@hookline/runtime';
import type { Breaker } from '../partition/breaker.ts';
import type { Turn } from '../partition/turn.ts';
import type { SliceLimits } from '../slice/record.ts';
import type { LanePolicy } from './decide-lane.ts';
import type { LaneEvents } from './lane-events.ts';
import type { Slots } from './slots.ts';

/** What all lanes of a process share. */
export interface LaneSettings {
  database: Database;
  handlers: readonly Handler[];
  handlerTimeoutMs: number;
  /** The database role under which users' handlers run. */
  handlersRole: string;
  transaction: Omit<TransactionOptions, 'applicationName' | 'signal'>;
  /** Tells relays that effects were committed; returns at once. */
  hintRelays: () => void;
  /** Absent: nothing is traced. */
  tracing?: Tracing;
  /** This process. */
  owner: string;
  /** What one run takes at most: a lane is never in memory as a whole. */
  limits: SliceLimits;
  policy: LanePolicy;
  /** Lanes that run at once, in the process, and so in one partition at most. */
  concurrency: number;
  slots: Slots;
  /** What a process may have died of runs one at a time, so that no innocent is blamed for the next death. */
  suspects: Turn;
  breaker: Breaker;
  events: LaneEvents & { fenced(fence: Fence, epoch: bigint | null): void };
  clock: Pick<Clock, 'monotonic'>;
  random: () => number;
  /** How long an heir gives the former owner to take its notes of begun runs back, before it takes it for dead. */
  blameAfterMs: number;
}

/** One partition's lanes, while it is ours. */
export interface OwnedLanes extends LaneSettings {
  fence: Fence;
  /** Of the partition: slices hold it for their transactions, lanes for the ends of theirs. */
  turn: Turn;
  /** Aborted when the partition is lost: roll back and return at once. */
  signal: AbortSignal;
}
