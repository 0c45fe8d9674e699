/** What can be seen of a processor's progress; durations in milliseconds awake. */
export interface Progress {
  fetchLoop: {
    /** A member of the group that wants to read one partition at least. */
    wanted: boolean;
    /** Since the loop turned last, or was not wanted. */
    silentMs: number;
  };
  /** One per partition that is being worked on. */
  partitions: readonly PartitionProgress[];
}

export interface PartitionProgress {
  partition: number;
  /** It has records in hand: it does not wait for some to arrive. */
  busy: boolean;
  /** It waits for what may take for ever: a human, or its turn behind other partitions. */
  excused: boolean;
  /** Since its last sign of life. */
  silentMs: number;
}

/**
 * Why a restart would help, in a sentence; null: it would not. Whatever waits for Kafka, the database, the registry, a
 * lane's room or a human says so at each try, or is excused: only what says nothing for `stuckMs`, with work to do, has
 * stopped.
 */
export function findStuck({ fetchLoop, partitions }: Progress, stuckMs: number): string | null {
  if (fetchLoop.wanted && fetchLoop.silentMs > stuckMs) {
    return `The log has not been read for ${seconds(fetchLoop.silentMs)}, though this process is a member of the group.`;
  }
  const stuck = partitions.filter(({ busy, excused, silentMs }) => busy && !excused && silentMs > stuckMs);
  if (stuck.length === 0) return null;
  const names = stuck.map(({ partition }) => partition).join(', ');
  const longest = Math.max(...stuck.map(({ silentMs }) => silentMs));
  return `Partition ${names} has records in hand, and has neither ended nor repeated anything for ${seconds(longest)}.`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
