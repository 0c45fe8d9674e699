import type { LastRecord } from '@hookline/database';
import type { OwnedPartition, ReadRecord, WorkEnd } from '@hookline/kafka';
import { backoffMs } from '@hookline/runtime';
import { checkWitness } from '../takeover/check-witness.ts';
import type { Ownership } from '../takeover/take-over.ts';
import type { LogRecord } from '../slice/record.ts';
import { createCarefulMode } from './careful-mode.ts';
import { decodeSlice } from './decode-slice.ts';
import { pause, type PartitionContext, type PartitionShare, type WorkerSettings } from './partition-context.ts';
import { createRecordProcessor } from './process-records.ts';

/** Processes one owned partition, slice by slice. */
export interface PartitionWorker {
  /** Processes the next slice; `null`: there may be another one. */
  tick(): Promise<WorkEnd | null>;
  /** Ticks until the partition's work has ended. Rejects with the signal's reason when the partition is lost. */
  run(): Promise<WorkEnd>;
}

export function createPartitionWorker(
  settings: WorkerSettings,
  { fence, witness, dirty, starts }: Ownership,
  owned: OwnedPartition,
  share: PartitionShare,
): PartitionWorker {
  const context: PartitionContext = { ...settings, ...share, fence, owned };
  const careful = createCarefulMode(context, { dirty, starts });
  const process = createRecordProcessor(context, careful);
  let expected = witness;

  async function tick(): Promise<WorkEnd | null> {
    if (expected !== null) return readWitness(expected);
    const read = await owned.take(settings.limits);
    if (read.length === 0) return afterLast();
    return forDecoded(read, async (records) => {
      if (await careful.begin()) return process(records);
      settings.events.fenced(fence, null);
      return 'FENCED';
    });
  }

  /** There is nothing more to take: the partition is being given up, or its log does not go on. */
  function afterLast(): Promise<WorkEnd> | WorkEnd {
    const discontinuity = owned.discontinuity();
    if (!discontinuity) return 'CLOSED';
    // Everything before it is committed. A witness is behind the stored offset: it was to be read again, and is not there.
    const nextOffset = expected === null ? discontinuity.expected : discontinuity.expected + 1n;
    const detail = `Offset ${discontinuity.expected} was to come, and the log goes on at ${discontinuity.found}.`;
    return settings.halts.wait(fence, { reason: 'LOG_DISCONTINUED', detail, nextOffset }, owned.closing);
  }

  /** The first record read is the last one that was processed: it is only looked at. */
  async function readWitness(last: LastRecord): Promise<WorkEnd | null> {
    const read = await owned.take({ records: 1, bytes: 1 });
    const [record] = read;
    if (!record) return afterLast();
    return forDecoded(read, (records) => {
      const detail = checkWitness(last, record, { records, waitsFor: null });
      expected = null;
      if (detail === null) return Promise.resolve(null);
      const nextOffset = record.offset + 1n;
      return settings.halts.wait(fence, { reason: 'LOG_DIFFERS', detail, nextOffset }, owned.closing);
    });
  }

  /**
   * Hands on what was read as soon as it is decoded. While the registry is away, what comes before the record that needs
   * it goes first; then the partition waits, for ever and uncounted.
   */
  async function forDecoded(
    read: readonly ReadRecord[],
    work: (records: readonly LogRecord[]) => Promise<WorkEnd | null>,
  ): Promise<WorkEnd | null> {
    let left = read;
    for (let tries = 1; left.length > 0; tries++) {
      const { records, waitsFor } = await decodeSlice(settings.registry, left, settings.partitions);
      left = left.slice(records.length);
      const end = records.length > 0 ? await work(records) : null;
      if (end !== null) return end;
      if (!waitsFor) continue;
      owned.signal.throwIfAborted();
      if (records.length > 0) tries = 1;
      const waitMs = backoffMs(tries, settings.waits.retry, settings.random());
      settings.events.retrying(fence, 'decode', tries, waitMs, waitsFor.error);
      await pause(context, waitMs);
    }
    return null;
  }

  return {
    tick,
    async run() {
      try {
        for (;;) {
          const end = await tick();
          if (end !== null) return end;
        }
      } catch (error) {
        if (!owned.signal.aborted && owned.closing.aborted && error === owned.closing.reason) return 'CLOSED';
        throw error;
      } finally {
        await careful.end();
      }
    },
  };
}
