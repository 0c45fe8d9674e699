import type { Queryable } from '../database.ts';

/** Keys that an operator holds while nothing of them waits, of a topic. */
export async function readEmptyHolds(db: Queryable, topic: string): Promise<string[]> {
  const { rows } = await db.query<{ ordering_key: string }>(
    `select ordering_key from hookline.lanes where topic = $1 and state = 'held' and records = 0 order by 1`,
    [topic],
  );
  return rows.map((row) => row.ordering_key);
}
