import type { Queryable } from './database.ts';
import { fenceApplicationName, lockFence, type Fence, type FencedOut } from './fence.ts';
import { TransactionLost } from './guarded-client.ts';

/**
 * Locks the fence at the end of a transaction that has run handlers without it. Compares the name that the transaction
 * was given: a handler's `commit and chain` has ended that one, and another would be locking now.
 *
 * @throws {TransactionLost} where the transaction is no longer the one that was begun
 */
export async function lockFenceLate(
  tx: Queryable,
  fence: Fence,
): Promise<{ success: true; nextOffset: bigint } | FencedOut> {
  const { rowCount } = await tx.query(`select where current_setting('application_name') = $1`, [
    fenceApplicationName(fence),
  ]);
  if (rowCount !== 1) throw new TransactionLost('A handler has ended the transaction and begun another.');
  return lockFence(tx, fence);
}

/**
 * Whether another transaction of this very ownership waits, in PostgreSQL, for a lock that this one holds. Asked by a
 * transaction that waits for the fence's turn in the process: whoever has the turn waits for it then, which PostgreSQL
 * cannot see, and neither could go on. A wait through a third transaction is not found.
 */
export async function blocksItsOwner(tx: Queryable, fence: Fence): Promise<boolean> {
  // What pg_stat_activity says is kept to the end of the transaction, unless it is dropped. The name is ours, in
  // letters, digits and slashes; `offset 0` keeps the costly look at locks from running for every backend.
  const { rows } = await tx.query<{ blocks: boolean }>(
    `select pg_stat_clear_snapshot();
     select exists (
       select from (select pid from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()
                       and application_name = '${fenceApplicationName(fence)}'
                    offset 0) as waiting
        where pg_backend_pid() = any (pg_blocking_pids(waiting.pid))) as blocks`,
  );
  return rows[0]?.blocks === true;
}
