/** A part of a list. */
export interface Page<T> {
  rows: T[];
  /** Where the next page goes on, to be given back as `after`; null: there is no more. */
  next: string[] | null;
}

export interface PageRequest {
  limit: number;
  /** `next` of the page before; null: from the beginning. */
  after: readonly string[] | null;
}

/** What was read, one more row than asked for where there is a next page. Pure. */
export function pageOf<Row, T>(
  read: readonly Row[],
  limit: number,
  { view, key }: { view: (row: Row) => T; key: (row: Row) => string[] },
): Page<T> {
  const rows = read.slice(0, limit);
  const last = rows.at(-1);
  return { rows: rows.map((row) => view(row)), next: read.length > limit && last !== undefined ? key(last) : null };
}

/** A time as a cursor carries it: a Date would lose its microseconds, and a page its next row. */
export const exactTime = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
