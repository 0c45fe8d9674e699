import type { Database, Queryable } from './database.ts';
import { commit, transaction } from './transaction.ts';

/** The tables kept in ranges of time, with the unique key that each of their ranges gets. */
const RANGED_TABLES = [
  { table: 'processed_deliveries', unique: '(guid, digest, dedup_scope)' },
  { table: 'audit_log', unique: null },
] as const;

/** Weeks made ahead of the current one: a processor that runs on needs no one to make them in time. */
const WEEKS_AHEAD = 2;

/**
 * Makes the ranges of this week and the coming ones where they are missing; returns the names of the new ones. Safe
 * to run at any time, by several processes at once. Weeks begin on Monday, UTC, by the database's clock: each look-up
 * of an identity probes every live range, so that a few wide ranges beat many narrow ones.
 *
 * A range is created beside its table and then attached: `create table … partition of` would lock the table
 * exclusively, and queue every slice behind the slowest one.
 *
 * @throws when a lock is not to be had within 2 s; nothing is half made, and the next call tries again
 */
export function makeRanges(database: Database): Promise<string[]> {
  return transaction(database, { lockTimeoutMs: 2000 }, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('hookline.make_ranges'))`);
    const made: string[] = [];
    for (const { table, unique } of RANGED_TABLES) {
      for (const range of await missingRanges(tx, table)) {
        await makeRange(tx, table, unique, range);
        made.push(range.name);
      }
    }
    return commit(made);
  });
}

interface Range {
  name: string;
  from: string;
  to: string;
}

async function missingRanges(tx: Queryable, table: string): Promise<Range[]> {
  const { rows } = await tx.query<Range>(
    `select name, "from"::text || '+00' as "from", ("from" + interval '7 days')::text || '+00' as "to"
       from (select $1 || '_' || to_char(week, 'YYYYMMDD') as name, week as "from"
               from generate_series(date_trunc('week', now() at time zone 'UTC'),
                                    date_trunc('week', now() at time zone 'UTC') + $2 * interval '7 days',
                                    interval '7 days') as week) as wanted
      where to_regclass('hookline.' || name) is null
      order by name`,
    [table, WEEKS_AHEAD],
  );
  return rows;
}

async function makeRange(tx: Queryable, table: string, unique: string | null, { name, from, to }: Range) {
  await tx.query(`create table hookline.${name} (like hookline.${table} including defaults including constraints)`);
  if (unique) await tx.query(`create unique index ${name}_identity on hookline.${name} ${unique}`);
  await tx.query(
    `alter table hookline.${table} attach partition hookline.${name} for values from ('${from}') to ('${to}')`,
  );
}
