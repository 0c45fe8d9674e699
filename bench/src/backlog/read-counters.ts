import type { Database } from '@hookline/database';
import { until } from '@hookline/test-support';

/** What the server has counted so far. */
export interface Counters {
  /** Transactions of this database that were committed, the bench's own looks and the server's housekeeping among them. */
  commits: number;
  /** Of the whole server. */
  walBytes: number;
  /** Of this database on disk. */
  databaseBytes: number;
}

/** Reads them when no other session is left, since a session tells what it has counted when it ends. */
export async function readCounters(database: Database): Promise<Counters> {
  await until('all sessions have ended', async () => {
    const { rows } = await database.query<{ others: number }>(
      `select count(*)::integer as others from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    return rows[0]?.others === 0;
  });
  // Else this session's own statements are counted at some later time.
  await database.query('select pg_stat_force_next_flush()');
  const { rows } = await database.query<{ commits: string; wal: string; size: string }>(
    `select xact_commit::text as commits, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as wal,
            pg_database_size(current_database())::text as size
       from pg_stat_database where datname = current_database()`,
  );
  return { commits: Number(rows[0]?.commits), walBytes: Number(rows[0]?.wal), databaseBytes: Number(rows[0]?.size) };
}
