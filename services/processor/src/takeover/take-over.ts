import { takeOverPartition, type Database, type Fence, type LastRecord, type Takeover } from '@hookline/database';
import type { LogBounds } from '@hookline/kafka';
import { HooklineError } from '@hookline/runtime';
import type { ProcessorEvents } from '../events.ts';
import { decideFirstOffset, decideStart } from './decide-start.ts';

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
  const ask = (partition: number) => pick(settings, settings.readBounds(), partition);
  const boundsOf = shareBounds(settings);

  return async (partition, signal) => {
    const place = { consumerGroup, topic, partition };
    let taken = await takeOverPartition(database, place, owner, null, signal);
    if (!taken.success) {
      const first = decideFirstOffset(await boundsOf(partition));
      if (typeof first !== 'bigint') {
        events.halted(place, first);
        return null;
      }
      taken = (await takeOverPartition(database, place, owner, first, signal)) as Takeover;
    }
    const { fence, nextOffset, last, terminated } = taken;
    events.tookOver(fence, nextOffset, terminated);
    let start = decideStart(await boundsOf(partition), nextOffset, last);
    // What is shared may have been asked before the epoch was raised, and the former owner may have gone on since: only
    // what is asked now, when nobody else can move the offset any more, can halt.
    if (start.halt) start = decideStart(await ask(partition), nextOffset, last);
    if (start.halt) {
      events.halted(place, start);
      return null;
    }
    return { fence, from: start.from, witness: start.witness };
  };
}

/** All partitions of a join ask at once: they share one question to Kafka. */
function shareBounds(settings: TakeOverSettings): (partition: number) => Promise<LogBounds> {
  let reading: Promise<ReadonlyMap<number, LogBounds>> | undefined;
  return (partition) => {
    reading ??= settings.readBounds().finally(() => (reading = undefined));
    return pick(settings, reading, partition);
  };
}

async function pick(
  { topic }: TakeOverSettings,
  reading: Promise<ReadonlyMap<number, LogBounds>>,
  partition: number,
): Promise<LogBounds> {
  const bounds = (await reading).get(partition);
  if (!bounds) throw new HooklineError('TOPIC_MISMATCH', `Kafka does not have partition ${partition} of ${topic}.`);
  return bounds;
}
