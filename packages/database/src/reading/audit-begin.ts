import type { Queryable } from '../database.ts';
import type { RangedTable } from '../retention/ranged-table.ts';

export interface AuditBegin {
  /** Where the oldest range of the audit begins; null where it has none. What was decided before is gone. */
  begin: Date | null;
  /** The database's clock. */
  now: Date;
}

/** How far back the audit goes. Ranges are dropped, not deleted from: it has all since then. */
export function readAuditBegin(database: Queryable): Promise<AuditBegin> {
  return readBegin(database, 'audit_log');
}

/** How far back a table goes that is kept in ranges. */
export async function readBegin(database: Queryable, table: RangedTable): Promise<{ begin: Date | null; now: Date }> {
  const { rows } = await database.query<{ begin: Date | null; now: Date }>(
    `select min(substring(pg_get_expr(range.relpartbound, range.oid) from 'FROM \\(''([^'']+)''\\)')::timestamptz) as begin,
            now() as now
       from pg_inherits
       join pg_class range on range.oid = inhrelid
      where inhparent = ('hookline.' || $1)::regclass`,
    [table],
  );
  return rows[0] as { begin: Date | null; now: Date };
}
