/** An effect of a shard, as long as it waits in memory. */
export interface QueueEntry {
  effectId: string;
  position: bigint;
  orderingKey: string;
  queue: string;
  kind: string;
  /** Whose limits it comes under; null: not known before it is claimed. */
  target: string | null;
  /** What it may take of memory when it is claimed, roughly. */
  bytes: number;
  /** Milliseconds of the monotonic clock. */
  dueAt: number;
  /** An attempt has begun, and nobody knows how it ended. */
  isAmbiguous: boolean;
}
