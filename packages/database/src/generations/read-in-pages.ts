import type { Queryable } from '../database.ts';

/** Bodies may have 25 MB. */
const PAGE_ROWS = 20;

/** What is to be read of a topic of a consumer group; all of it is SQL. */
interface Reading {
  columns: string;
  from: string;
  where: string;
  /** Columns that tell rows apart, among `columns`, in the order in which rows are given. */
  by: readonly string[];
  /** The consumer group and the topic. */
  values: readonly [string, string];
}

/** Gives each row to `take`, a few of them in memory at a time. */
export async function readInPages<T extends Record<string, unknown>>(
  tx: Queryable,
  { columns, from, where, by, values }: Reading,
  take: (row: T) => void,
): Promise<void> {
  const order = by.join(', ');
  const after = by.map((_, i) => `$${i + values.length + 1}`).join(', ');
  let last: T | undefined;
  do {
    const { rows } = await tx.query<T>(
      `select ${columns}
         from ${from}
        where consumer_group = $1 and topic = $2 and ${where} ${last ? `and (${order}) > (${after})` : ''}
        order by ${order}
        limit ${PAGE_ROWS}`,
      [...values, ...(last ? by.map((column) => (last as T)[column]) : [])],
    );
    for (const row of rows) take(row);
    last = rows.length < PAGE_ROWS ? undefined : rows.at(-1);
  } while (last);
}
