import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock } from '@hookline/runtime';

export interface BulkSettings {
  /** Records a second, on average over any time; null: as many as go. */
  perSecond: number | null;
  /** After each send: how many it was, and how many there are so far. */
  onAppended(records: number, total: number): void;
}

export interface BulkOverrides {
  clock?: Clock;
  pause?: (milliseconds: number) => Promise<unknown>;
}

/** Most of one send: bounds what goes again after a failure, and what is in memory. */
const MAX_BATCH_RECORDS = 500;

/** A batch is a part of a second's worth, so that a rate is one, and not a blow each second. */
const BATCHES_A_SECOND = 4;

/**
 * Appends any number of control records, in their order, in bounded batches, no faster than the rate; what was lost in a
 * pause of Kafka's is not caught up with. Resolves to how many there were.
 *
 * Resumable: it asks for the next record when it can be sent, and where it rejects, all that was asked for until then,
 * and no more, may have to be appended again.
 *
 * @throws as the log's `append` does, and whatever `records` throws
 */
export async function appendInBulk<T>(
  log: { append(batch: readonly T[]): Promise<unknown> },
  records: AsyncIterable<T>,
  { perSecond, onAppended }: BulkSettings,
  { clock = systemClock, pause = delay }: BulkOverrides = {},
): Promise<number> {
  const size = batchSize(perSecond);
  let total = 0;
  let dueAt = clock.monotonic();
  let batch: T[] = [];

  async function flush(): Promise<void> {
    const wait = dueAt - clock.monotonic();
    if (wait > 0) await pause(wait);
    dueAt = clock.monotonic() + (perSecond === null ? 0 : (batch.length * 1000) / perSecond);
    await log.append(batch);
    total += batch.length;
    onAppended(batch.length, total);
    batch = [];
  }

  for await (const record of records) {
    batch.push(record);
    if (batch.length === size) await flush();
  }
  if (batch.length > 0) await flush();
  return total;
}

function batchSize(perSecond: number | null): number {
  if (perSecond === null) return MAX_BATCH_RECORDS;
  return Math.min(MAX_BATCH_RECORDS, Math.max(1, Math.floor(perSecond / BATCHES_A_SECOND)));
}
