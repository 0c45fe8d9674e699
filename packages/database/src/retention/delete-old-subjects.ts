import type { Database, Queryable } from '../database.ts';
import type { At } from './read-old-ranges.ts';

export interface SubjectRemoval {
  keepMs: number;
  /** Rows that are deleted at most. */
  batch: number;
  at?: At;
}

const OLD = `noted_on < (coalesce($2::timestamptz, now()) - $1 * interval '1 ms')::date`;

/**
 * Deletes subjects that no handler has asked about for longer than `keepMs`; returns how many. Those that one is asking
 * about at this moment are left.
 */
export async function deleteOldSubjects(
  database: Database,
  { keepMs, batch, at = null }: SubjectRemoval,
): Promise<number> {
  const { rowCount } = await database.query(
    `delete from hookline.subject_times
      where (handler, subject) in (
            select handler, subject from hookline.subject_times where ${OLD} limit $3 for update skip locked)`,
    [keepMs, at, batch],
  );
  return rowCount;
}

/** How many `deleteOldSubjects` would delete in all. */
export async function countOldSubjects(
  on: Queryable,
  { keepMs, at = null }: Omit<SubjectRemoval, 'batch'>,
): Promise<number> {
  const { rows } = await on.query<{ number: string }>(
    `select count(*) as number from hookline.subject_times where ${OLD}`,
    [keepMs, at],
  );
  return Number(rows[0]?.number);
}
