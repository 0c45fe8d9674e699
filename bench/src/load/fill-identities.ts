import type { Database } from '@hookline/database';
import { connectTo } from '@hookline/test-support';

/** Weeks that they lie in, as of deliveries that came evenly: the oldest is beyond the default horizon of 14 days. */
const WEEKS = [3, 2, 1, 0];
/** Millions of rows at once. */
const STATEMENT_MS = 20 * 60_000;

/**
 * So many identities that were processed in the past, as the ranges of the last weeks hold them: by SQL, since to have them
 * processed would take the hours that they stand for. Ranges are filled first and indexed then, as a restored database is.
 */
export async function fillIdentities(databaseUrl: string, count: number): Promise<void> {
  const database = connectTo(databaseUrl, { poolSize: 1, queryTimeoutMs: STATEMENT_MS });
  try {
    await database.query('select hookline.make_ranges()');
    const each = Math.ceil(count / WEEKS.length);
    for (const [n, weeksAgo] of WEEKS.entries()) {
      const rows = Math.min(each, count - n * each);
      if (rows > 0) await fillWeek(database, weeksAgo, rows);
    }
    await database.query('vacuum (analyze) hookline.processed_deliveries');
    await database.query('checkpoint');
  } finally {
    await database.close();
  }
}

async function fillWeek(database: Database, weeksAgo: number, rows: number): Promise<void> {
  const { rows: found } = await database.query<{ name: string; begins: string; ends: string }>(
    `select 'processed_deliveries_' || to_char(week, 'YYYYMMDD') as name, week::text as begins,
            (week + interval '7 days')::text as ends
       from (select date_trunc('week', now(), 'UTC') at time zone 'UTC' - $1 * interval '7 days') as asked (week)`,
    [weeksAgo],
  );
  const { name, begins, ends } = found[0] as { name: string; begins: string; ends: string };
  if (weeksAgo > 0) {
    await database.query(
      `create table hookline.${name} (like hookline.processed_deliveries including defaults including constraints)`,
    );
  }
  await database.query(
    `insert into hookline.${name} (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, claimed_at)
     select guid, sha256(uuid_send(guid)), 'main', 'push', 'earlier', n % 24, 1, n, $2::timestamp at time zone 'UTC'
       from (select gen_random_uuid() as guid, n from generate_series(1, $1::integer) as n) as made`,
    [rows, begins],
  );
  if (weeksAgo === 0) return;
  await database.query(`create unique index ${name}_identity on hookline.${name} (guid, digest, dedup_scope)`);
  await database.query(
    `alter table hookline.processed_deliveries attach partition hookline.${name}
       for values from ('${begins}+00') to ('${ends}+00')`,
  );
}
