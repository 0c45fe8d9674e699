import type { Database } from '@hookline/database';
import { LIKE_JOB_TOPIC } from './job-topic.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * As if time had passed for some of the deliveries that are claimed: claims, and rows of the audit about their records, are
 * dated back. A quarter to the `nth` week that is wholly behind the horizon, a quarter to a moment inside of it. The rest
 * stays as it is, and so do jobs, and what was dated back before. Rejects, and changes nothing, where that week's range is gone.
 */
export async function dateBack(
  database: Database,
  horizonMs: number,
  nth: number,
): Promise<{ beyond: number; inside: number }> {
  const { rows: weeks } = await database.query<{ inside: Date }>(
    `select date_trunc('week', now() - $1 * interval '1 ms', 'UTC') as inside`,
    [horizonMs],
  );
  const inside = (weeks[0] as { inside: Date }).inside.getTime();
  const beyond = inside - nth * WEEK_MS;
  await makeRanges(database, beyond);
  for (let week = inside; week < Date.now(); week += WEEK_MS) await makeRanges(database, week);
  const { rows } = await database.query<{ beyond: boolean; n: number }>(DATE_BACK, [
    horizonMs,
    new Date(beyond),
    WEEK_MS,
    nth,
    LIKE_JOB_TOPIC,
  ]);
  const count = (wanted: boolean): number => rows.find((row) => row.beyond === wanted)?.n ?? 0;
  return { beyond: count(true), inside: count(false) };
}

/** The ranges of a week that has passed, as Hookline once made them; those that were dropped are missing. */
async function makeRanges(database: Database, week: number): Promise<void> {
  const [from, to] = [week, week + WEEK_MS].map((time) => new Date(time).toISOString()) as [string, string];
  for (const table of ['processed_deliveries', 'audit_log']) {
    const name = `${table}_${from.slice(0, 10).replaceAll('-', '')}`;
    const { rows } = await database.query<{ known: boolean }>(
      `select to_regclass('hookline.' || $1) is not null as known`,
      [name],
    );
    if (rows[0]?.known) continue;
    const index = `create unique index ${name}_identity on hookline.${name} (guid, digest, dedup_scope);`;
    await database.query(
      `create table hookline.${name} (like hookline.${table} including defaults including constraints);
       ${table === 'processed_deliveries' ? index : ''}
       alter table hookline.${table} attach partition hookline.${name} for values from ('${from}') to ('${to}')`,
    );
  }
}

/**
 * $1 horizon, $2 the week behind it, $3 milliseconds of a week, $4 the how manieth time, $5 what topics of jobs are like. One statement, so that nobody sees
 * half of it. Which deliveries goes by their GUIDs: those are the same for the same seed.
 */
const DATE_BACK = `
  with chosen as materialized (
    select claim.tableoid, claim.ctid, claim.guid, claim.topic, claim.kafka_partition, claim.incarnation,
           claim.kafka_offset, claim.claimed_at, place.topic as place_topic, place.partition as place_partition,
           place.incarnation as place_incarnation,
           kind.n = 0 as beyond,
           case kind.n when 0 then $2::timestamptz + (abs(hashtext(claim.guid::text)) % $3) * interval '1 ms'
                       else now() - $1 * interval '1 ms' + interval '1 hour' end as dated
      from hookline.processed_deliveries claim
      left join hookline.former_logs former on former.incarnation = claim.incarnation
     cross join lateral (select coalesce(former.topic, claim.topic) as topic,
                                coalesce(former.kafka_partition, claim.kafka_partition) as partition,
                                coalesce(former.former_incarnation, claim.incarnation) as incarnation) as place
     cross join lateral (select abs(hashtext(claim.guid::text || $4)) % 4 as n) as kind
     where kind.n < 2 and claim.topic not like $5 and not exists (select from crash.aged where aged.guid = claim.guid)),
  noted as (
    insert into crash.aged
    select guid, place_topic, place_partition, kafka_offset, claimed_at, beyond,
           (select max(audit_id) from hookline.audit_log)
      from chosen
    returning beyond),
  claims as (
    update hookline.processed_deliveries claim set claimed_at = dated
      from chosen where claim.tableoid = chosen.tableoid and claim.ctid = chosen.ctid),
  audited as (
    update hookline.audit_log entry set recorded_at = dated
      from chosen
     where entry.kafka_offset = chosen.kafka_offset
       and (entry.topic, entry.kafka_partition, entry.incarnation)
           in ((chosen.topic, chosen.kafka_partition, chosen.incarnation),
               (chosen.place_topic, chosen.place_partition, chosen.place_incarnation))
       and entry.stage in ('log', 'lane'))
  select beyond, count(*)::integer as n from noted group by beyond`;
