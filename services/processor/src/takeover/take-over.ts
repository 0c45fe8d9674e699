import { takeOverPartition, type Database, type Fence, type LastRecord } from '@hookline/database';
import type { LogBounds } from '@hookline/kafka';
import { HooklineError } from '@hookline/runtime';
import type { ProcessorEvents } from '../events.ts';
import { decideFirstOffset, decideStart, type Halt } from './decide-start.ts';

/** A partition that is ours. */
export interface Ownership {
  fence: Fence;
  /** Offset to read from. */
  from: bigint;
  /** What the record there must be, where it is the last one that was processed; null: it is the next one. */
  witness: LastRecord | null;
}

export interface TakeOverSettings {
  database: Database;
  consumerGroup: string;
  topic: string;
  /** This process, for people who look at the table. */
  owner: string;
  /** What Kafka has now. */
  readBounds: () => Promise<ReadonlyMap<number, LogBounds>>;
  events: ProcessorEvents;
}

/**
 * Takes partitions over. Null: the partition is halted, and must not be read. Rejects when Kafka or the database
 * cannot be asked; nothing has been read then, and the caller tries again.
 */
export function createTakeOver(
  settings: TakeOverSettings,
): (partition: number, signal: AbortSignal) => Promise<Ownership | null> {
  const { database, consumerGroup, topic, owner, events } = settings;
  const boundsOf = shareBounds(settings);

  return async (partition, signal) => {
    const place = { consumerGroup, topic, partition };
    // Before the epoch is raised: what the group had committed by then, the database has had by then too.
    const bounds = await boundsOf(partition);
    const first = decideFirstOffset(bounds);
    const taken = await takeOverPartition(database, place, owner, typeof first === 'bigint' ? first : null, signal);
    if (!taken.success) {
      events.halted(place, first as Halt);
      return null;
    }
    const { fence, nextOffset, last, terminated } = taken;
    events.tookOver(fence, nextOffset, terminated);
    const start = decideStart(bounds, nextOffset, last);
    if (start.halt) {
      events.halted(place, start);
      return null;
    }
    return { fence, from: start.from, witness: start.witness };
  };
}

/** All partitions of a join ask at once: they share one question to Kafka. */
function shareBounds({ readBounds, topic }: TakeOverSettings): (partition: number) => Promise<LogBounds> {
  let reading: Promise<ReadonlyMap<number, LogBounds>> | undefined;
  return async (partition) => {
    reading ??= readBounds().finally(() => (reading = undefined));
    const bounds = (await reading).get(partition);
    if (!bounds) throw new HooklineError('TOPIC_MISMATCH', `Kafka does not have partition ${partition} of ${topic}.`);
    return bounds;
  };
}
