import { takeOverPartition, type Database, type Fence, type LastRecord, type Takeover } from '@hookline/database';
import type { TableOrders } from '../control/table-orders.ts';
import type { ProcessorEvents } from '../events.ts';
import type { Halt, HaltedPlace, Halts } from '../halts/halt.ts';
import { createTurn } from '../partition/turn.ts';
import type { BoundsReader } from './bounds-reader.ts';
import { decideFirstOffset, decideStart } from './decide-start.ts';

/** A partition that is ours. */
export interface Ownership extends Pick<Takeover, 'fence' | 'nextOffset' | 'last' | 'dirty' | 'starts'> {
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
  bounds: BoundsReader;
  halts: Pick<Halts, 'wait' | 'tookOver'>;
  events: Pick<ProcessorEvents, 'tookOver'>;
  orders: Pick<TableOrders, 'beside'>;
}

/**
 * Takes partitions over. A halt is a wait in here: it resolves when a human has decided and the partition was taken over
 * after that, or when another owner took it meanwhile. Rejects when Kafka or the database cannot be asked, and when it is aborted; nothing has been read
 * then, and the caller tries again.
 */
export function createTakeOver(
  settings: TakeOverSettings,
): (partition: number, signal: AbortSignal) => Promise<Ownership | 'FENCED'> {
  const { database, consumerGroup, topic, owner, halts, events } = settings;

  /** One takeover, up to the first record: what is ours, or what speaks against reading it. */
  async function begin(
    partition: number,
    signal: AbortSignal,
  ): Promise<Ownership | { place: HaltedPlace; found: Halt }> {
    const place = { consumerGroup, topic, partition };
    let taken = await takeOverPartition(database, place, owner, null, signal);
    if (!taken.success) {
      const bounds = await settings.bounds.readBoundsTogether(partition);
      const first = decideFirstOffset(bounds);
      if (first.halt) return { place: { ...place, epoch: null }, found: { ...first, nextOffset: null, bounds } };
      taken = (await takeOverPartition(database, place, owner, first.from, signal)) as Takeover;
    }
    const { fence, nextOffset, acceptedCommitted, last } = taken;
    events.tookOver(fence, nextOffset, taken.terminated);
    let bounds = await settings.bounds.readBoundsTogether(partition);
    let start = decideStart(bounds, nextOffset, acceptedCommitted, last);
    if (start.halt) {
      // What is shared may have been asked before the epoch was raised, and the former owner may have gone on since:
      // only what is asked now, when nobody else can move the offset any more, can halt.
      bounds = await settings.bounds.readBounds(partition);
      start = decideStart(bounds, nextOffset, acceptedCommitted, last);
    }
    if (start.halt) return { place: fence, found: { ...start, nextOffset, bounds } };
    await halts.tookOver(fence);
    const { dirty, starts } = taken;
    return { fence, nextOffset, last, dirty, starts, from: start.from, witness: start.witness };
  }

  /** A partition that never had a row has no fence under which a command could be applied. */
  function whileHalted<T>(place: HaltedPlace, wait: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (!isFence(place)) return wait();
    // Its lanes do not run before it is read: they look for themselves then.
    return settings.orders.beside({ fence: place, turn: createTurn(), signal, onLanesChanged() {} }, wait);
  }

  return async (partition, signal) => {
    for (;;) {
      const begun = await begin(partition, signal);
      if ('fence' in begun) return begun;
      const end = await whileHalted(begun.place, () => halts.wait(begun.place, begun.found, signal), signal);
      signal.throwIfAborted();
      if (end === 'FENCED') return end;
    }
  };
}

function isFence(place: HaltedPlace): place is Fence {
  return place.epoch !== null && 'incarnation' in place;
}
