import type { HaltReason } from '@hookline/contracts';
import type { LastRecord } from '@hookline/database';
import type { LogBounds } from '@hookline/kafka';

/** Data was lost, or is not what it was. */
export interface HaltFound {
  halt: true;
  reason: HaltReason;
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
 *
 * @param acceptedCommitted up to where what the group has committed is no sign of a restored database: a human has said so
 */
export function decideStart(
  { start, end, committed }: LogBounds,
  nextOffset: bigint,
  acceptedCommitted: bigint | null,
  last: LastRecord | null,
): Start | HaltFound {
  if (committed !== null && committed > nextOffset && committed > (acceptedCommitted ?? nextOffset)) {
    return halt('DATABASE_BEHIND', `The group has committed offset ${committed}, the database has ${nextOffset}.`);
  }
  if (end < nextOffset) return halt('LOG_TOO_SHORT', `The log ends at ${end}, offset ${nextOffset} is next.`);
  if (start > nextOffset) return halt('LOG_EXPIRED', `The log begins at ${start}, offset ${nextOffset} is next.`);
  if (last === null || start === nextOffset) return { halt: false, from: nextOffset, witness: null };
  return { halt: false, from: nextOffset - 1n, witness: last };
}

/** The first offset of a partition that the database does not know, or why there cannot be one. */
export function decideFirstOffset({ start, committed }: LogBounds): { halt: false; from: bigint } | HaltFound {
  if (committed === null) return { halt: false, from: start };
  return halt(
    'DATABASE_WITHOUT_OFFSET',
    `The group has committed offset ${committed}, but the database has no offset for this partition.`,
  );
}

function halt(reason: HaltReason, detail: string): HaltFound {
  return { halt: true, reason, detail };
}
