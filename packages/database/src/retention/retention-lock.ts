import type { Database } from '../database.ts';
import { commit, rollback, transaction } from '../transaction.ts';

/** Another run has the lock. Nothing was done. */
export interface AlreadyRunning {
  success: false;
  reason: 'ALREADY_RUNNING';
}

/**
 * Runs `work` unless somebody else runs it. The lock is held by a transaction of its own, which does nothing else, since
 * poolers keep no locks of sessions; `work` needs another connection of the same pool. It saves work and is no guard: each
 * step of a run is right beside another one, should the connection be lost.
 */
export function withRetentionLock<T>(database: Database, work: () => Promise<T>): Promise<T | AlreadyRunning> {
  return transaction<T | AlreadyRunning>(database, {}, async (tx) => {
    const { rows } = await tx.query<{ locked: boolean }>(
      `set local idle_in_transaction_session_timeout = 0;
       select pg_try_advisory_xact_lock(hashtext('hookline.retention')) as locked`,
    );
    if (!rows[0]?.locked) return rollback({ success: false, reason: 'ALREADY_RUNNING' });
    return commit(await work());
  });
}
