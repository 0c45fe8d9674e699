import type { HeadState } from './decide-lane.ts';

/** Where a run of several records failed: what is known about which of them it was. */
export interface Suspicion {
  /** Position of the record that failed; null where it can be any of them. */
  failed: bigint | null;
  /** Position of the last record of that run. */
  through: bigint;
}

export interface Take {
  /** Records that the next run takes at most. */
  records: number;
  /** First position that it must not take; null: no such bound. */
  before: bigint | null;
}

/**
 * How many records the next run of a lane takes. Pure.
 *
 * A head that was tried runs alone, so that only it can be blamed, and so does everything below `carefulUntil`: a
 * process has died in a run that held it. Records that were never tried run together, as in a slice. After a failure in
 * such a run, what came before the failing record goes together and that record alone: without that, a poisoned record
 * in the middle would cost a failing run for each record before it.
 */
export function decideTake(
  head: HeadState & { position: bigint; carefulUntil: bigint },
  suspicion: Suspicion | null,
  limit: number,
): Take {
  const tried = head.attempts > 0 || head.kills > 0 || head.deferrals > 0;
  if (tried || head.position < head.carefulUntil) return { records: 1, before: null };
  if (suspicion === null || head.position > suspicion.through) return { records: limit, before: null };
  const { failed } = suspicion;
  if (failed === null || head.position === failed) return { records: 1, before: null };
  return head.position < failed ? { records: limit, before: failed } : { records: limit, before: null };
}

/**
 * Those of the first records of a lane that run together: all for the same handlers. A delivery in its last run runs alone,
 * and what is before it ends there. Pure.
 */
export function runTogether<T extends { dead: { handlers: readonly string[] } | null; lastRun: object | null }>(
  records: readonly T[],
): T[] {
  const [head] = records;
  if (!head || head.lastRun !== null) return records.slice(0, 1);
  const handlersOf = ({ dead }: T) => JSON.stringify(dead && dead.handlers.toSorted());
  const wanted = handlersOf(head);
  const other = records.findIndex((record) => record.lastRun !== null || handlersOf(record) !== wanted);
  return other < 0 ? [...records] : records.slice(0, other);
}
