import type { AcquiredClient, Database, Queryable } from './database.ts';

/** How a transaction ends, and what it returns: the end is a decision of its work, not an exception. */
export type Ending<T> = { commit: boolean; value: T };

export const commit = <T>(value: T): Ending<T> => ({ commit: true, value });
export const rollback = <T>(value: T): Ending<T> => ({ commit: false, value });

export interface TransactionOptions {
  /** Shown in pg_stat_activity while the transaction runs, at most 63 bytes of it. */
  applicationName?: string;
  statementTimeoutMs?: number;
  lockTimeoutMs?: number;
  /** The server ends a transaction whose client says nothing for this long. */
  idleTimeoutMs?: number;
  /** Aborting gives the connection up at once: the server rolls back, `transaction` rejects with the reason. */
  signal?: AbortSignal;
}

/** COMMIT was answered by something else: the server had already given the transaction up, nothing was written. */
export class TransactionLost extends Error {
  override name = 'TransactionLost';
}

/**
 * Runs `work` in one transaction and ends it as `work` says; a throw rolls back and is thrown on.
 *
 * A rejection after COMMIT was sent leaves open whether it took effect: only the fence row can tell, and whoever
 * retries must look at it again.
 *
 * Settings are made by SET LOCAL, so that no state outlives the transaction on a pooled connection.
 */
export async function transaction<T>(
  database: Database,
  options: TransactionOptions,
  work: (tx: Queryable) => Promise<Ending<T>>,
): Promise<T> {
  options.signal?.throwIfAborted();
  const client = await database.acquire();
  let usable = true;
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const onAbort = () => {
    usable = false;
    aborted.reject(options.signal?.reason);
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    options.signal?.throwIfAborted();
    return await Promise.race([runIn(client, options, work), aborted.promise]);
  } catch (error) {
    usable &&= await tryRollback(client);
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    client.release(!usable);
  }
}

async function runIn<T>(
  client: AcquiredClient,
  options: TransactionOptions,
  work: (tx: Queryable) => Promise<Ending<T>>,
): Promise<T> {
  await client.query(begin(options));
  const ending = await work(client);
  const { command } = await client.query(ending.commit ? 'commit' : 'rollback');
  // COMMIT of a transaction with a failed statement is answered, successfully, by ROLLBACK.
  if (ending.commit && command !== 'COMMIT') {
    throw new TransactionLost(`COMMIT was answered by ${command}: the transaction had already failed or ended.`);
  }
  return ending.value;
}

function begin(options: TransactionOptions): string {
  const settings = [
    options.applicationName && `set local application_name = '${options.applicationName.replaceAll("'", "''")}'`,
    options.statementTimeoutMs && `set local statement_timeout = ${options.statementTimeoutMs}`,
    options.lockTimeoutMs && `set local lock_timeout = ${options.lockTimeoutMs}`,
    options.idleTimeoutMs && `set local idle_in_transaction_session_timeout = ${options.idleTimeoutMs}`,
  ];
  return ['begin', ...settings.filter(Boolean)].join('; ');
}

async function tryRollback(client: AcquiredClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}
