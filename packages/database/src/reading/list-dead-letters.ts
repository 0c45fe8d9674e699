import type { Queryable } from '../database.ts';
import { FILTERED_LETTERS, filterValues, type DeadLetterFilter } from './dead-letter-filter.ts';
import { deadLetter, LETTER_COLUMNS, type DeadLetterView, type LetterRow } from './dead-letter-view.ts';
import { pageOf, type Page, type PageRequest } from './page.ts';

/** A dead letter, and whose it is. */
export interface ListedDeadLetter extends DeadLetterView {
  orderingKey: string | null;
  guid: string | null;
  event: string | null;
  action: string | null;
}

interface Row extends LetterRow {
  ordering_key: string | null;
  guid: string | null;
  event: string | null;
  action: string | null;
}

/** Dead letters, the last one first. */
export async function listDeadLetters(
  database: Queryable,
  filter: DeadLetterFilter,
  { limit, after }: PageRequest,
): Promise<Page<ListedDeadLetter>> {
  const { rows } = await database.query<Row>(
    `select ${LETTER_COLUMNS}, dead.ordering_key, dead.guid, dead.event, dead.action
       from ${FILTERED_LETTERS} and ($7::bigint is null or dead_letter_id < $7)
      order by dead_letter_id desc
      limit $8`,
    [...filterValues(filter), after?.[0] ?? null, limit + 1],
  );
  return pageOf(rows, limit, {
    view: (row) => ({
      ...deadLetter(row),
      orderingKey: row.ordering_key,
      guid: row.guid,
      event: row.event,
      action: row.action,
    }),
    key: (row) => [row.dead_letter_id],
  });
}
