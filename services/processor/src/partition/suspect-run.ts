import { setTimeout as delay } from 'node:timers/promises';
import { cancelRun, commit, fencedTransaction, startRun, type FencedOut } from '@hookline/database';
import { LOG_RUN } from '../slice/advance-past.ts';
import type { LogRecord } from '../slice/record.ts';
import type { SliceEnd } from '../slice/run-slice.ts';
import type { PartitionContext } from './partition-context.ts';

/** How long giving a partition up may wait for a note to be taken back. */
const CANCEL_MS = 1000;

/**
 * Runs one record of which a process may have died. Its start is noted before, in a transaction of its own: if this
 * process dies too, the next owner knows of what. The note goes in the transaction that completes the record; when that
 * was rolled back, or the partition is lost, this process takes it back, since it is alive.
 *
 * One at a time in the whole process: of two that run at its death, one would be blamed without cause.
 *
 * @param run runs the record as one whose start was noted
 */
export async function runSuspect(
  context: PartitionContext,
  record: LogRecord,
  run: () => Promise<SliceEnd>,
): Promise<SliceEnd> {
  const giveBack = await context.suspects.take(context.owned.signal);
  try {
    const noted = await noteStart(context, record);
    if (!noted.success) return noted;
    let completed = false;
    try {
      context.owned.signal.throwIfAborted();
      const end = await run();
      completed = end.success;
      return end;
    } finally {
      if (!completed) await takeBack(context);
    }
  } finally {
    giveBack();
  }
}

/** Not aborted half-way: nobody would know whether the note is there. */
function noteStart(
  { slice, fence, owner }: PartitionContext,
  record: LogRecord,
): Promise<{ success: true } | FencedOut> {
  return fencedTransaction<{ success: true }>(slice.database, fence, slice.transaction, async (tx) => {
    await startRun(tx, fence, owner, { ...LOG_RUN, firstPosition: record.offset, records: 1 });
    return commit({ success: true });
  });
}

/** Best effort: while the database is away the note stays, and this process removes it when it takes over again. */
async function takeBack({ slice, fence, owner }: PartitionContext): Promise<void> {
  const cancelled = cancelRun(slice.database, fence, owner, LOG_RUN).catch(() => {});
  await Promise.race([cancelled, delay(CANCEL_MS, undefined, { ref: false })]);
}
