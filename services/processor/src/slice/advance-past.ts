import { advanceOffset, endRun, type Fence, type Queryable } from '@hookline/database';
import { witnessDigest, type LogRecord } from './record.ts';

/** The place of a partition's log among the starts: it has one run at a time. */
export const LOG_RUN = { stage: 'log', orderingKey: '' } as const;

/**
 * The end of every transaction that decides records of the log: the note of its run goes with it, and the stored offset
 * moves behind the last record that was decided.
 *
 * @param from offset of the first record, where the stored offset must be
 * @param noted whether the start of this run was noted
 * @returns the stored offset
 */
export async function advancePast(
  tx: Queryable,
  fence: Fence,
  from: bigint,
  last: LogRecord,
  noted: boolean,
): Promise<bigint> {
  if (noted) await endRun(tx, fence, LOG_RUN);
  const nextOffset = last.offset + 1n;
  await advanceOffset(tx, fence, from, nextOffset, { digest: witnessDigest(last), time: last.time });
  return nextOffset;
}
