/** Something that cannot be, by the rules that the tables are written by. */
export interface Problem {
  code: string;
  /** Null where it is not about one place of the log. */
  topic: string | null;
  partition: number | null;
  incarnation: number | null;
  offset: bigint | null;
  /** What it is about: a GUID, a key, a command. */
  subject: string | null;
  detail: string;
}

/**
 * A rule, as a statement that finds what breaks it: rows of topic, kafka_partition, incarnation, kafka_offset, subject
 * and detail. One statement sees one state of the database: a rule over two tables holds at each moment, while services
 * write.
 */
export interface Check {
  code: string;
  /** What is broken where it finds something, for people. */
  means: string;
  /** Behind {@link PLACES}. Values: {@link Scope}, and those of the part that is checked from $9. */
  sql: string;
}

/** How far back what is compared goes: what is older may be gone by retention. */
export interface Scope {
  /** Lowest offset that the audit has, of each log. */
  floors: readonly { topic: string; partition: number; incarnation: number; lowest: bigint }[];
  /** Since when claims, settled commands and settled effects are kept. */
  claimsSince: Date;
  commandsSince: Date;
  effectsSince: Date;
}

export function scopeValues({ floors, claimsSince, commandsSince, effectsSince }: Scope, limit: number): unknown[] {
  return [
    limit,
    floors.map(({ topic }) => topic),
    floors.map(({ partition }) => partition),
    floors.map(({ incarnation }) => incarnation),
    floors.map(({ lowest }) => lowest),
    claimsSince,
    commandsSince,
    effectsSince,
  ];
}

/**
 * Begins every statement. `floor`: what the audit has. `former`: places of a log before its generation, as what has moved
 * names them, with the log that they were in.
 */
export const PLACES = `with recursive former (incarnation, topic, kafka_partition, origin) as (
       select incarnation, topic, kafka_partition, former_incarnation from hookline.former_logs
        union all
       select former.incarnation, older.topic, older.kafka_partition, older.former_incarnation
         from former join hookline.former_logs older on older.incarnation = former.origin
     ), floor (topic, kafka_partition, incarnation, lowest) as materialized (
       select * from unnest($2::text[], $3::integer[], $4::integer[], $5::bigint[])
     ), since as materialized (
       select $6::timestamptz as claims, $7::timestamptz as commands, $8::timestamptz as effects, $1::integer as most
     )`;

/** SQL: joins the place of a row in the log that it was read from, `place`, if the audit goes back so far. */
export function inAudit(row: string): string {
  return `cross join lateral (
            select coalesce(former.topic, ${row}.topic) as topic,
                   coalesce(former.kafka_partition, ${row}.kafka_partition) as kafka_partition,
                   coalesce(former.origin, ${row}.incarnation) as incarnation
              from (select) as always
              left join former on former.incarnation = ${row}.incarnation and former.origin > 0) as place
       join floor on floor.topic = place.topic and floor.kafka_partition = place.kafka_partition
        and floor.incarnation = place.incarnation and floor.lowest <= ${row}.kafka_offset`;
}

/**
 * SQL: the audit has an entry of this kind at the place. Behind {@link inAudit}. Looked up by its place, row for row, which
 * is what `offset 0` says: for a join the planner takes the rows to be very few, because nothing tells it how many of the
 * places are of a former log, and reads the whole audit for each.
 */
export function audited(row: string, kind: string): string {
  return `exists (select from hookline.audit_log entry
                   where entry.topic = place.topic and entry.kafka_partition = place.kafka_partition
                     and entry.incarnation = place.incarnation and entry.kafka_offset = ${row}.kafka_offset
                     and ${kind} offset 0)`;
}

/**
 * SQL: the same, for what a lane writes: it names the place that the delivery has by then, and this can have moved since,
 * once or several times.
 */
export function auditedInLane(row: string, kind: string): string {
  return `(${audited(row, kind)} or exists (
             select from (select ${row}.topic, ${row}.kafka_partition, ${row}.incarnation
                           union all
                          select former.topic, former.kafka_partition, former.origin
                            from former where former.incarnation = ${row}.incarnation)
                      as place (topic, kafka_partition, incarnation)
              where ${row}.incarnation < 0 and ${audited(row, kind)}))`;
}

/** SQL: the columns of a problem at the place of a row. */
export const at = (row: string) => `${row}.topic, ${row}.kafka_partition, ${row}.incarnation, ${row}.kafka_offset`;
