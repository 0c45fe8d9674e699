import type { Queryable } from '../database.ts';

/** The database's time, milliseconds since the Unix epoch: what ranges and retentions go by. */
export async function readClock(on: Queryable): Promise<number> {
  const { rows } = await on.query<{ now: Date }>('select now()');
  return (rows[0] as { now: Date }).now.getTime();
}
