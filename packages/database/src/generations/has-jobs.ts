import { JOB_EVENT } from '@hookline/contracts';
import type { Queryable } from '../database.ts';

/** Whether a topic is one of jobs: they are all that it has then, so that any of its identities tells. */
export async function hasJobs(db: Queryable, topic: string): Promise<boolean> {
  const { rows } = await db.query<{ event: string }>(
    'select event from hookline.processed_deliveries where topic = $1 limit 1',
    [topic],
  );
  return rows[0]?.event === JOB_EVENT;
}
