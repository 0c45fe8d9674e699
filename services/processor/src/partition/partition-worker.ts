import { setTimeout as delay } from 'node:timers/promises';
import { isDataFault, type LastRecord } from '@hookline/database';
import type { OwnedPartition, SchemaRegistry, WorkEnd } from '@hookline/kafka';
import type { ProcessorEvents } from '../events.ts';
import { checkWitness } from '../takeover/check-witness.ts';
import type { Ownership } from '../takeover/take-over.ts';
import type { DeliveryRecord, SliceLimits } from '../slice/record.ts';
import { runSlice, type SliceEnd, type SliceSettings } from '../slice/run-slice.ts';
import { backoffMs } from './backoff.ts';
import { decodeSlice } from './decode-slice.ts';

export interface WorkerSettings {
  slice: SliceSettings;
  limits: SliceLimits;
  registry: Pick<SchemaRegistry, 'decode' | 'decodeCached'>;
  /** Recorded number of partitions of the topic. */
  partitions: number;
  events: ProcessorEvents;
  retry: { baseMs: number; maxMs: number };
  random: () => number;
  /** Told of each offset that was committed to the database. */
  onAdvanced(partition: number, nextOffset: bigint): void;
}

/** The database refuses what one of the records holds. It would do so again, so that trying again cannot help. */
interface Refused {
  success: false;
  reason: 'REFUSED';
  error: unknown;
}

/** Processes one owned partition, slice by slice. */
export interface PartitionWorker {
  /** Processes the next slice; `null`: there may be another one. */
  tick(): Promise<WorkEnd | null>;
  /** Ticks until the partition's work has ended. */
  run(): Promise<WorkEnd>;
}

export function createPartitionWorker(
  settings: WorkerSettings,
  { fence, witness }: Pick<Ownership, 'fence' | 'witness'>,
  owned: OwnedPartition,
): PartitionWorker {
  const { events } = settings;
  const { signal, partition } = owned;
  let expected = witness;

  async function tick(): Promise<WorkEnd | null> {
    if (expected !== null) return readWitness(expected);
    const read = await owned.take(settings.limits);
    if (read.length === 0) return 'CLOSED';
    const { records, undecodable } = await untilDone('decode', () =>
      decodeSlice(settings.registry, read, settings.partitions),
    );
    const end = await processAll(records);
    if (end !== null || undecodable === null) return end;
    events.undecodable(fence, undecodable.record, undecodable.detail);
    return 'HALTED';
  }

  /** The first record read is the last one that was processed: it is only looked at. */
  async function readWitness(last: LastRecord): Promise<WorkEnd | null> {
    const [read] = await owned.take({ records: 1, bytes: 1 });
    if (!read) return 'CLOSED';
    const decoded = await untilDone('decode', () => decodeSlice(settings.registry, [read], settings.partitions));
    const difference = checkWitness(last, read, decoded);
    expected = null;
    if (difference === null) return null;
    events.halted(fence, { reason: 'LOG_DIFFERS', detail: difference });
    return 'HALTED';
  }

  /**
   * A failure is isolated by running less: what comes before the failing record, then that record alone, then the
   * rest. What fails alone halts the partition, since skipping it would lose it.
   */
  async function processAll(records: DeliveryRecord[]): Promise<WorkEnd | null> {
    const todo = [records];
    for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
      if (part.length === 0) continue;
      const end = await processPart(part);
      if (end.success) continue;
      if (end.reason === 'FENCED') {
        events.fenced(fence, end.epoch);
        return 'FENCED';
      }
      if (end.reason === 'GAP') {
        // Taking over again reads from the stored offset: whatever lies between is then seen.
        events.gap(fence, end.nextOffset, (part[0] as DeliveryRecord).offset);
        return 'FENCED';
      }
      if (end.reason === 'AHEAD') {
        const detail = `The stored offset is ${end.nextOffset}, and nobody of ours has moved it there.`;
        events.halted(fence, { reason: 'OFFSET_MOVED', detail });
        return 'HALTED';
      }
      if (part.length === 1) {
        const [record] = part as [DeliveryRecord];
        if (end.reason === 'REFUSED') events.recordRefused(fence, record, end.error);
        else events.handlerFailed(fence, record, end.failure);
        return 'HALTED';
      }
      todo.unshift(...isolate(part, end.reason === 'REFUSED' ? null : end.record));
    }
    return null;
  }

  async function processPart(part: DeliveryRecord[]): Promise<SliceEnd | Refused> {
    const done = events.sliceStarted(part.length);
    const end = await untilDone('transaction', () =>
      runSlice(settings.slice, fence, part, signal).catch((error: unknown): Refused => {
        if (signal.aborted || !isDataFault(error)) throw error;
        return { success: false, reason: 'REFUSED', error };
      }),
    );
    done();
    if (end.success) {
      events.decided(fence, end.decided);
      settings.onAdvanced(partition, end.nextOffset);
    }
    return end;
  }

  /** Errors outside handlers are nobody's fault: the partition waits and tries again for ever, uncounted. */
  async function untilDone<T>(what: 'decode' | 'transaction', attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        signal.throwIfAborted();
        const waitMs = backoffMs(tries, settings.retry, settings.random());
        events.retrying(fence, what, tries, waitMs, error);
        await delay(waitMs, undefined, { signal });
      }
    }
  }

  return {
    tick,
    async run() {
      for (;;) {
        const end = await tick();
        if (end !== null) return end;
      }
    },
  };
}

/** What to run instead of a part that failed: around the record that failed, or one by one where it is unknown. */
export function isolate(part: readonly DeliveryRecord[], failed: DeliveryRecord | null): DeliveryRecord[][] {
  if (failed === null) return part.map((record) => [record]);
  const index = part.indexOf(failed);
  return [part.slice(0, index), [failed], part.slice(index + 1)].filter((some) => some.length > 0);
}
