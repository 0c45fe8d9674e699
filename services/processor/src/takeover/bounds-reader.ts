import type { LogBounds } from '@hookline/kafka';
import { HooklineError } from '@hookline/runtime';

export interface BoundsReader {
  /** What Kafka has of a partition now. @throws {HooklineError} TOPIC_MISMATCH: it has no such partition */
  readBounds(partition: number): Promise<LogBounds>;
  /**
   * The same, shared with whoever asks at the same time, as all partitions of a join do: it may have been asked a
   * little earlier.
   */
  readBoundsTogether(partition: number): Promise<LogBounds>;
}

/** @param read asks for the bounds of all partitions of the topic */
export function createBoundsReader(topic: string, read: () => Promise<ReadonlyMap<number, LogBounds>>): BoundsReader {
  let reading: Promise<ReadonlyMap<number, LogBounds>> | undefined;

  function pick(all: ReadonlyMap<number, LogBounds>, partition: number): LogBounds {
    const bounds = all.get(partition);
    if (!bounds) throw new HooklineError('TOPIC_MISMATCH', `Kafka does not have partition ${partition} of ${topic}.`);
    return bounds;
  }

  return {
    readBounds: async (partition) => pick(await read(), partition),
    async readBoundsTogether(partition) {
      reading ??= read().finally(() => (reading = undefined));
      return pick(await reading, partition);
    },
  };
}
