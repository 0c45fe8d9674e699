import type { Database } from './database.ts';
import { commit, transaction } from './transaction.ts';

/**
 * Makes the ranges of this week and the coming two where they are missing; returns the names of the new ones. Safe to run
 * at any time, by several processes at once. Weeks begin on Monday, UTC, by the database's clock: each look-up of an
 * identity probes every live range, so that a few wide ranges beat many narrow ones.
 *
 * By a function that runs with the rights of the tables' owner: whoever calls it needs none but to call it. No slice waits
 * for it.
 *
 * @throws when a lock is not to be had within 2 s; nothing is half made, and the next call tries again
 */
export function makeRanges(database: Database): Promise<string[]> {
  return transaction(database, { lockTimeoutMs: 2000 }, async (tx) => {
    const { rows } = await tx.query<{ name: string }>('select hookline.make_ranges() as name');
    return commit(rows.map(({ name }) => name));
  });
}
