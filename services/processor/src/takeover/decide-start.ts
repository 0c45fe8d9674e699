import type { LastRecord } from '@hookline/database';
import type { LogBounds } from '@hookline/kafka';

/** Data was lost, or is not what it was. Going on could skip records or run them twice: a human decides. */
export interface Halt {
  halt: true;
  /**
   * - `DATABASE_WITHOUT_OFFSET`: the group has processed this partition, and the database knows nothing of it
   * - `DATABASE_BEHIND`: the group has committed more than the database has: an earlier state was restored
   * - `LOG_TOO_SHORT`: the log ends below what was processed: recreated, or truncated
   * - `LOG_EXPIRED`: the log begins above what was processed: records expired unread
   */
  reason: 'DATABASE_WITHOUT_OFFSET' | 'DATABASE_BEHIND' | 'LOG_TOO_SHORT' | 'LOG_EXPIRED';
  detail: string;
}

/** Where to read from. With a witness, the first record read must be that one again, and is not processed. */
export interface Start {
  halt: false;
  from: bigint;
  witness: LastRecord | null;
}

/**
 * Where a new owner reads from, before it reads. Pure.
 *
 * It begins one record early, at the last one that was processed, to see that the log is still the same: a topic that
 * was deleted, created again and filled past our offset looks like old records otherwise. A quiet partition whose
 * records have all expired has nothing to compare, and that is fine.
 */
export function decideStart(
  { start, end, committed }: LogBounds,
  nextOffset: bigint,
  last: LastRecord | null,
): Start | Halt {
  if (committed !== null && committed > nextOffset) {
    return halt('DATABASE_BEHIND', `The group has committed offset ${committed}, the database has ${nextOffset}.`);
  }
  if (end < nextOffset) return halt('LOG_TOO_SHORT', `The log ends at ${end}, offset ${nextOffset} is next.`);
  if (start > nextOffset) return halt('LOG_EXPIRED', `The log begins at ${start}, offset ${nextOffset} is next.`);
  if (last === null || start === nextOffset) return { halt: false, from: nextOffset, witness: null };
  return { halt: false, from: nextOffset - 1n, witness: last };
}

/** The first offset of a partition that the database does not know, or why there cannot be one. */
export function decideFirstOffset({ start, committed }: LogBounds): bigint | Halt {
  if (committed === null) return start;
  return halt(
    'DATABASE_WITHOUT_OFFSET',
    `The group has committed offset ${committed}, but the database has no offset for this partition.`,
  );
}

function halt(reason: Halt['reason'], detail: string): Halt {
  return { halt: true, reason, detail };
}
