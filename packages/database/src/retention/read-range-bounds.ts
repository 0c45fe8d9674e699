import type { Queryable } from '../database.ts';
import type { RangedTable } from './ranged-table.ts';

/** From when to when a table's attached ranges reach together, as milliseconds since the Unix epoch. */
export interface RangeBounds {
  table: RangedTable;
  from: number;
  /** From here on nothing can be written; the end itself is outside. */
  to: number;
}

/** The bounds of every table that is kept in ranges, by name; by PostgreSQL's catalogs, which everybody may read. */
export async function readRangeBounds(database: Queryable): Promise<RangeBounds[]> {
  const { rows } = await database.query<{ table: RangedTable; from: Date; to: Date }>(
    `select parent.relname as "table",
            min((regexp_match(bounds.text, 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz) as "from",
            max((regexp_match(bounds.text, 'TO \\(''([^'']+)''\\)'))[1]::timestamptz) as "to"
       from pg_class parent
       join pg_inherits on inhparent = parent.oid and not inhdetachpending
       join pg_class part on part.oid = inhrelid
      cross join lateral (select pg_get_expr(part.relpartbound, part.oid) as text) as bounds
      where parent.relnamespace = 'hookline'::regnamespace and parent.relkind = 'p'
      group by parent.relname
      order by parent.relname`,
  );
  return rows.map(({ table, from, to }) => ({ table, from: from.getTime(), to: to.getTime() }));
}
