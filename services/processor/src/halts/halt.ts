import type { HaltReason } from '@hookline/contracts';
import type { Fence } from '@hookline/database';
import type { LogBounds } from '@hookline/kafka';

/** Data was lost, or is not what it was. Going on could skip records or run them twice: a human decides. */
export interface Halt {
  reason: HaltReason;
  /** What was found, in a sentence or two. */
  detail: string;
  /** The stored offset; null where the database has none. */
  nextOffset: bigint | null;
  /** What Kafka had; asked when it is left out. */
  bounds?: LogBounds;
}

/** A halt is a wait: the partition is not read, its owner keeps it, and a human's decision ends it. */
export interface Halts {
  /**
   * Writes the halt down and waits until a human has resumed the partition: `RESUMED`, and the caller takes it over
   * again, for its epoch and offset are others now. `CLOSED`: the signal was aborted; the halt stays for the next owner.
   * Never rejects: while the database is away it tries again.
   *
   * @param signal aborted when the partition is lost, and when its owner stops
   */
  wait(place: Pick<Fence, 'consumerGroup' | 'topic' | 'partition'>, halt: Halt, signal: AbortSignal): Promise<HaltEnd>;
}

/** A part of `WorkEnd`: the worker returns it as it is. */
export type HaltEnd = 'RESUMED' | 'CLOSED';
