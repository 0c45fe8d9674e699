import { until } from '@hookline/test-support';
import type { Queryable } from '../database.ts';

/** Resolves to the process id of the one backend of this database that waits for a lock, when there is one. */
export function waitingForLock(observer: Queryable, applicationName: string): Promise<number> {
  return until(`${applicationName} waits for a lock`, async () => {
    const { rows } = await observer.query<{ pid: number }>(
      `select pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and application_name = $1`,
      [applicationName],
    );
    return rows[0]?.pid;
  });
}

/** The names of the sessions of this database that are in a transaction or run a statement, but for the observer's. */
export async function activeNames(observer: Queryable): Promise<string[]> {
  const { rows } = await observer.query<{ name: string }>(
    `select application_name as name from pg_stat_activity
      where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid() and application_name <> ''
      order by name`,
  );
  return rows.map(({ name }) => name);
}

export async function processId(on: Queryable): Promise<number> {
  const { rows } = await on.query<{ pid: number }>('select pg_backend_pid() as pid');
  return (rows[0] as { pid: number }).pid;
}
