import type { Queryable } from '../database.ts';
import type { RangedTable } from '../retention/ranged-table.ts';

export const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** The Monday of the week of a time, UTC: where its range begins. */
export function weekOf(time: number): number {
  // 1970 began on a Thursday.
  const monday = 4 * 24 * 60 * 60 * 1000;
  return Math.floor((time - monday) / WEEK_MS) * WEEK_MS + monday;
}

export function rangeName(table: RangedTable, from: number): string {
  return `${table}_${new Date(from).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

/** Makes the range of a week that has passed, as `makeRanges` once did; returns its name. */
export async function givePastRange(on: Queryable, table: RangedTable, from: number): Promise<string> {
  const name = rangeName(table, from);
  const [first, end] = [from, from + WEEK_MS].map((time) => new Date(time).toISOString());
  await on.query(`create table hookline.${name} (like hookline.${table} including defaults including constraints)`);
  const identity = {
    processed_deliveries: '(guid, digest, dedup_scope)',
    settled_effects: '(effect_id)',
    audit_log: null,
  };
  if (identity[table]) await on.query(`create unique index ${name}_identity on hookline.${name} ${identity[table]}`);
  await on.query(
    `alter table hookline.${table} attach partition hookline.${name} for values from ('${first}') to ('${end}')`,
  );
  return name;
}

/** The names of what is attached to a table, in order. */
export async function attachedRanges(on: Queryable, table: RangedTable): Promise<string[]> {
  const { rows } = await on.query<{ name: string }>(
    `select part.relname as name from pg_inherits join pg_class part on part.oid = inhrelid
      where inhparent = ('hookline.' || $1)::regclass and not inhdetachpending order by name`,
    [table],
  );
  return rows.map(({ name }) => name);
}
