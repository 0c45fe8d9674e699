import { HandlerMisuse } from './handler-misuse.ts';
import type { HandlerDatabase } from './handler.ts';

export interface ScopedDatabase {
  db: HandlerDatabase;
  /**
   * The handler has returned. Ends its access, and throws {@link HandlerMisuse} when a query is still pending (its
   * outcome would belong to nobody) or when one failed although the handler did not (PostgreSQL has given the
   * transaction up by then, so that going on could only end in a COMMIT that rolls back).
   */
  settle(): void;
  /** Ends the handler's access however it settled; throws nothing. */
  close(): void;
  /** The last query that failed, whether the handler has told or not. */
  failure(): unknown;
}

/** Lends a transaction to one handler for as long as that handler runs. */
export function scopedDatabase(tx: HandlerDatabase, handler: string): ScopedDatabase {
  let revoked = false;
  let pending = 0;
  let failed: unknown;

  const query: HandlerDatabase['query'] = async (text, values) => {
    if (revoked) throw new HandlerMisuse(`Handler ${handler} used its database after it had settled.`);
    pending += 1;
    try {
      return await tx.query(text, values);
    } catch (error) {
      failed = error;
      throw error;
    } finally {
      pending -= 1;
    }
  };

  return {
    db: {
      query(text, values) {
        const answer = query<never>(text, values);
        // Nobody awaits a query that floats: it fails its delivery, and its rejection would end the process besides.
        answer.catch(() => {});
        return answer;
      },
    },
    settle() {
      revoked = true;
      if (pending > 0) {
        const queries = pending === 1 ? 'a query' : `${pending} queries`;
        throw new HandlerMisuse(`Handler ${handler} settled with ${queries} pending: await every query.`);
      }
      if (failed !== undefined) {
        throw new HandlerMisuse(`Handler ${handler} swallowed an SQL error; the transaction was already lost.`, {
          cause: failed,
        });
      }
    },
    close() {
      revoked = true;
    },
    failure: () => failed,
  };
}
