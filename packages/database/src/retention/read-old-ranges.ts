import type { Queryable } from '../database.ts';
import { DROP_MARK, type OldRange, type RangedTable } from './ranged-table.ts';

/** What counts as now: by default the database's clock, which has dated the rows. */
export type At = Date | null;

/**
 * The ranges of a table of which every moment is longer ago than `keepMs`, oldest first; also what an interrupted drop has
 * left. A range whose end is inside is none of them, whatever its rows.
 *
 * Goes by the bounds in PostgreSQL's catalogs, and not by names.
 */
export async function readOldRanges(
  on: Queryable,
  table: RangedTable,
  keepMs: number,
  at: At = null,
): Promise<OldRange[]> {
  const { rows } = await on.query<{ name: string; from: Date; to: Date; bytes: string; state: OldRange['state'] }>(
    `with known as (
       select part.relname as name, part.oid, bounds.text as bounds,
              case when inhdetachpending then 'pending' else 'attached' end as state
         from pg_inherits
         join pg_class part on part.oid = inhrelid
        cross join lateral (select pg_get_expr(part.relpartbound, part.oid) as text) as bounds
        where inhparent = ('hookline.' || $1)::regclass
       union all
       select part.relname, part.oid, obj_description(part.oid, 'pg_class'), 'detached'
         from pg_class part
        where part.relnamespace = 'hookline'::regnamespace and part.relkind = 'r' and not part.relispartition
          and obj_description(part.oid, 'pg_class') like $4 || ' ' || $1 || ' %'
     ), dated as (
       select name, oid, state,
              (regexp_match(bounds, 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz as "from",
              (regexp_match(bounds, 'TO \\(''([^'']+)''\\)'))[1]::timestamptz as "to"
         from known
     )
     select name, "from", "to", state, pg_total_relation_size(oid) as bytes
       from dated
      where "to" <= coalesce($3::timestamptz, now()) - $2 * interval '1 ms'
      order by "from", name`,
    [table, keepMs, at, DROP_MARK],
  );
  return rows.map(({ name, from, to, bytes, state }) => ({
    table,
    name,
    from: from.getTime(),
    to: to.getTime(),
    bytes: Number(bytes),
    state,
  }));
}
