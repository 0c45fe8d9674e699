import type { HaltReason } from '@hookline/contracts';
import type { PartitionPlace } from '@hookline/database';
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

/** A fence, or the place of a partition that has no row and so no epoch. */
export type HaltedPlace = PartitionPlace & { epoch: bigint | null };

/**
 * How the wait has ended; each is also an end of a worker's work, returned as it is.
 *
 * - `RESUMED`: a human has resumed the partition; its epoch and offset are others now, take it over again
 * - `FENCED`: it has another owner
 * - `CLOSED`: the signal was aborted; the halt stays, for the next owner
 */
export type HaltEnd = 'RESUMED' | 'FENCED' | 'CLOSED';

/** A halt is a wait: the partition is not read, its owner keeps it, and a human's decision ends it. */
export interface Halts {
  /**
   * Writes the halt down and waits for its end. Never rejects: while the database is away it tries again.
   *
   * @param signal aborted when the partition is lost, and when its owner stops
   */
  wait(place: HaltedPlace, halt: Halt, signal: AbortSignal): Promise<HaltEnd>;
  /** The partition was taken over, and nothing that a takeover can see speaks against reading it. */
  tookOver(fence: HaltedPlace): Promise<void>;
  /** Records of the partition were committed: whatever it was halted by is over. */
  advanced(partition: number): void;
}
