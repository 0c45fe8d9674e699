import { allAnswered } from './all-answered.ts';
import type { Database, Queryable } from './database.ts';
import { guardClient, type GuardedClient } from './guarded-client.ts';
import { KEEP_PLANS } from './kept-plans.ts';

/** How a transaction ends, and what it returns: the end is a decision of its work, not an exception. */
export type Ending<T> = { commit: boolean; value: T };

export const commit = <T>(value: T): Ending<T> => ({ commit: true, value });
export const rollback = <T>(value: T): Ending<T> => ({ commit: false, value });

export interface TransactionOptions {
  /** Shown in pg_stat_activity while the transaction runs, at most 63 bytes of it. */
  applicationName?: string;
  statementTimeoutMs?: number;
  lockTimeoutMs?: number;
  /** What is prepared is planned once, by indexes alone, until the transaction is lent. Default: as the session has it. */
  keepPlans?: boolean;
  /** The server ends a transaction whose client says nothing for this long. */
  idleTimeoutMs?: number;
  /** Aborting gives the connection up at once: the server rolls back, `transaction` rejects with the reason. */
  signal?: AbortSignal;
}

/**
 * Runs `work` in one transaction and ends it as `work` says; a throw rolls back and is thrown on. It begins with the first
 * statement of `work`, which is sent right behind BEGIN, and fails where that has failed.
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
  const acquired = await database.acquire();
  const client = guardClient(acquired);
  let usable = true;
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const onAbort = () => {
    usable = false;
    aborted.reject(options.signal?.reason);
  };
  const rollBack = () => Promise.race([client.rollback(), aborted.promise.catch(() => false)]);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    options.signal?.throwIfAborted();
    const ending = await Promise.race([runIn(client, options, work), aborted.promise]);
    if (!ending.commit) usable &&= await rollBack();
    return ending.value;
  } catch (error) {
    usable &&= await rollBack();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    client.close();
    acquired.release(!usable);
  }
}

async function runIn<T>(
  client: GuardedClient,
  options: TransactionOptions,
  work: (tx: Queryable) => Promise<Ending<T>>,
): Promise<Ending<T>> {
  const [, ending] = await allAnswered([client.begin(begin(options)), work(client.tx)]);
  if (ending.commit) await client.commit();
  return ending;
}

/**
 * Within how many milliseconds the server ends a statement whose client is gone. It keeps the transaction's locks until
 * then, the fence's among them, whatever timeouts a handler has taken off: its partition would stand.
 */
const CLIENT_CHECK_MS = 1000;

function begin(options: TransactionOptions): string {
  const settings = [
    ...(options.keepPlans ? KEEP_PLANS : []),
    `set local client_connection_check_interval = ${CLIENT_CHECK_MS}`,
    options.applicationName && `set local application_name = '${options.applicationName.replaceAll("'", "''")}'`,
    options.statementTimeoutMs && `set local statement_timeout = ${options.statementTimeoutMs}`,
    options.lockTimeoutMs && `set local lock_timeout = ${options.lockTimeoutMs}`,
    options.idleTimeoutMs && `set local idle_in_transaction_session_timeout = ${options.idleTimeoutMs}`,
  ];
  return ['begin', ...settings.filter(Boolean)].join('; ');
}
