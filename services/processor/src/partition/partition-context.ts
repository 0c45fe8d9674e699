import { setTimeout as delay } from 'node:timers/promises';
import type { Fence } from '@hookline/database';
import type { OwnedPartition, SchemaRegistry } from '@hookline/kafka';
import { backoffMs } from '@hookline/runtime';
import type { ProcessorEvents } from '../events.ts';
import type { Halts } from '../halts/halt.ts';
import type { LanePolicy } from '../lanes/decide-lane.ts';
import type { SliceLimits } from '../slice/record.ts';
import type { SliceSettings } from '../slice/run-slice.ts';
import type { Breaker } from './breaker.ts';
import type { Turn } from './turn.ts';

/** What the workers of all partitions of a process share. */
export interface WorkerSettings {
  slice: SliceSettings;
  limits: SliceLimits;
  registry: Pick<SchemaRegistry, 'decode' | 'decodeCached'>;
  /** Recorded number of partitions of the topic. */
  partitions: number;
  /** This process. */
  owner: string;
  events: ProcessorEvents;
  halts: Pick<Halts, 'wait'>;
  breaker: Breaker;
  /** Of the process: what it may have died of runs one at a time, so that no innocent is blamed for the next death. */
  suspects: Turn;
  /** When a lane that is opened is due. */
  lanePolicy: LanePolicy;
  waits: Waits;
  random: () => number;
  /** Told of each offset that was committed to the database. */
  onAdvanced(partition: number, nextOffset: bigint): void;
}

/** How long a partition waits before it tries again. */
export interface Waits {
  /** For the database and the registry. */
  retry: { baseMs: number; maxMs: number };
  /** While a handler's breaker is open. */
  breaker: { baseMs: number; maxMs: number };
  /** For room in the lanes. */
  roomMs: number;
  /** Before a record is blamed for a death: a process that is alive has taken its start back by then. */
  blameMs: number;
}

/** What a partition's slices and lanes share, while it is ours. */
export interface PartitionShare {
  turn: Turn;
  /** A slice has opened or hastened a lane, which is due in so many milliseconds. */
  onLanesChanged(dueInMs: number): void;
}

/** One partition while it is ours. */
export interface PartitionContext extends WorkerSettings, PartitionShare {
  fence: Fence;
  owned: OwnedPartition;
}

/** Waits, and throws the reason as soon as the partition is being given up: whoever only waits ends then. */
export async function pause({ owned }: PartitionContext, ms: number): Promise<void> {
  await delay(ms, undefined, { signal: owned.closing }).catch(() => {});
  owned.signal.throwIfAborted();
  owned.closing.throwIfAborted();
}

/** Errors outside handlers are nobody's fault: the partition waits and tries again for ever, uncounted. */
export async function untilDone<T>(
  context: PartitionContext,
  what: 'decode' | 'transaction',
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      context.owned.signal.throwIfAborted();
      const waitMs = backoffMs(tries, context.waits.retry, context.random());
      context.events.retrying(context.fence, what, tries, waitMs, error);
      await pause(context, waitMs);
    }
  }
}
