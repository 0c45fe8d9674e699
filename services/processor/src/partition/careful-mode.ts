import { setTimeout as delay } from 'node:timers/promises';
import { clearDirty, findStart, setDirty } from '@hookline/database';
import type { Ownership } from '../takeover/take-over.ts';
import { pause, untilDone, type PartitionContext } from './partition-context.ts';
import { LOG_RUN } from '../slice/advance-past.ts';

/** How long giving a partition up may wait for its mark to be cleared. */
const CLEAR_MS = 1000;

/**
 * What a former owner's death means for this one. A partition is marked dirty for as long as its owner is at work: a
 * mark that a new owner finds is of one that died, perhaps of a record. Until as many records as one slice has are
 * processed, each is a suspect.
 */
export interface CarefulMode {
  /** How many of the next records are suspects. */
  suspects(): number;
  /** A suspect has been processed. */
  passed(): void;
  /** The process that has died while it ran this record, which is not run again here; null: none has. */
  diedOf(offset: bigint): Promise<string | null>;
  /** Marks the partition before the first record of an ownership. False: it has another owner. */
  begin(): Promise<boolean>;
  /** This process ends its work and is alive: the mark goes, unless it is of another and not yet explained. */
  end(): Promise<void>;
}

export function createCarefulMode(
  context: PartitionContext,
  { dirty, starts }: Pick<Ownership, 'dirty' | 'starts'>,
): CarefulMode {
  const { slice, fence, owner, limits, waits } = context;
  const open = starts.find(({ stage }) => stage === 'log');
  let left = dirty || open ? limits.records : 0;
  let marked = false;

  return {
    suspects: () => left,
    passed: () => void (left = Math.max(0, left - 1)),
    async diedOf(offset) {
      if (open?.firstPosition !== offset) return null;
      // Who has lost the partition and is alive takes its start back at once, but perhaps not before we could look.
      await pause(context, waits.blameMs);
      const now = await untilDone(context, 'transaction', () => findStart(slice.database, fence, LOG_RUN));
      return now && now.firstPosition === offset && now.owner === open.owner ? now.owner : null;
    },
    async begin() {
      marked ||= await untilDone(context, 'transaction', () => setDirty(slice.database, fence));
      return marked;
    },
    async end() {
      if (!marked || left > 0) return;
      const cleared = clearDirty(slice.database, fence, owner).catch(() => {});
      await Promise.race([cleared, delay(CLEAR_MS, undefined, { ref: false })]);
    },
  };
}
