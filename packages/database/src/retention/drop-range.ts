import { isConflict } from '../classify-error.ts';
import type { Database } from '../database.ts';
import { commit, transaction } from '../transaction.ts';
import { DROP_MARK, type OldRange } from './ranged-table.ts';

export type RangeDrop =
  | { success: true }
  /** A transaction that used the range has not ended in time; the next run goes on where this one stopped. */
  | { success: false; reason: 'IN_USE' };

const LOCK_TIMEOUT_MS = 200;
const TRIES = 10;

/**
 * Detaches a range and drops it, so that no slice ever waits: `detach … concurrently` waits for the transactions that
 * may still look into the range, but queues nobody behind itself, as the exclusive lock of a plain detach would, even for
 * a short lock_timeout. Where it does not end within `waitMs`, or the process dies, the range is left half detached, and
 * nobody looks into it any more; the next run goes on from there.
 *
 * The caller has decided that the range is old: a range never gets younger.
 */
export async function dropRange(database: Database, range: OldRange, waitMs: number): Promise<RangeDrop> {
  if (range.state === 'attached') await mark(database, range);
  if (range.state !== 'detached' && !(await detach(database, range, waitMs))) return inUse;
  return (await drop(database, range)) ? { success: true } : inUse;
}

const inUse: RangeDrop = { success: false, reason: 'IN_USE' };

async function mark(database: Database, { table, name, from, to }: OldRange): Promise<void> {
  const bounds = `FROM ('${new Date(from).toISOString()}') TO ('${new Date(to).toISOString()}')`;
  await database.query(
    `comment on table hookline.${name} is '${`${DROP_MARK} ${table} ${bounds}`.replaceAll("'", "''")}'`,
  );
}

/** Whether it is detached. A statement that is still waiting after `waitMs` is cancelled. */
async function detach(database: Database, { table, name, state }: OldRange, waitMs: number): Promise<boolean> {
  const how = state === 'pending' ? 'finalize' : 'concurrently';
  const statement = `alter table hookline.${table} detach partition hookline.${name} ${how}`;
  // Again and again: the first may come before the statement has reached the server.
  const timer = setInterval(() => void cancel(database, statement), waitMs);
  try {
    await database.query(statement);
    return true;
  } catch (error) {
    if (isCancelled(error)) return false;
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** By its text: behind a pooler nobody knows which backend runs it. */
async function cancel(database: Database, statement: string): Promise<void> {
  await database
    .query(
      `select pg_cancel_backend(pid) from pg_stat_activity
        where datname = current_database() and query = $1 and state = 'active' and pid <> pg_backend_pid()`,
      [statement],
    )
    .catch(() => {});
}

async function drop(database: Database, { name }: OldRange): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await transaction(database, { lockTimeoutMs: LOCK_TIMEOUT_MS }, async (tx) => {
        await tx.query(`drop table if exists hookline.${name}`);
        return commit(null);
      });
      return true;
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (tries === TRIES) return false;
    }
  }
}

function isCancelled(error: unknown): boolean {
  return (error as { code?: unknown }).code === '57014';
}
