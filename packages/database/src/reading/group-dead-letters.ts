import type { Queryable } from '../database.ts';
import { FILTERED_LETTERS, filterValues, type DeadLetterFilter } from './dead-letter-filter.ts';
import { exactTime, pageOf, type Page, type PageRequest } from './page.ts';

/** Dead letters of one error. */
export interface DeadLetterGroup {
  fingerprint: string;
  letters: number;
  /** How often records died so: one that arrives again and again counts each time. */
  occurrences: number;
  deliveries: number;
  keys: number;
  handlers: string[];
  reasons: string[];
  firstAt: Date;
  lastAt: Date;
  /** Its last one. */
  example: { id: bigint; message: string };
}

interface Row extends Record<string, unknown> {
  error_fingerprint: string;
  letters: string;
  occurrences: string;
  deliveries: string;
  keys: string;
  handlers: string[] | null;
  reasons: string[];
  first_at: Date;
  last_at: Date;
  at: string;
  example_id: string;
  example_message: string;
}

/** Dead letters by error, that with the last one first. */
export async function groupDeadLetters(
  database: Queryable,
  filter: DeadLetterFilter,
  { limit, after }: PageRequest,
): Promise<Page<DeadLetterGroup>> {
  const { rows } = await database.query<Row>(
    `select found.*, ${exactTime('last_at')} as at, example.error_message as example_message
       from (select error_fingerprint, count(*) as letters, sum(occurrences) as occurrences,
                    count(distinct (letter.topic, letter.kafka_partition, letter.incarnation, letter.kafka_offset))
                      as deliveries,
                    count(distinct dead.ordering_key) as keys,
                    array_agg(distinct handler order by handler) filter (where handler is not null) as handlers,
                    array_agg(distinct reason order by reason) as reasons,
                    min(dead_at) as first_at, max(dead_at) as last_at, max(dead_letter_id) as example_id
               from ${FILTERED_LETTERS}
              group by error_fingerprint
             having $7::timestamptz is null or (max(dead_at), error_fingerprint) < ($7::timestamptz, $8::text)
              order by last_at desc, error_fingerprint desc
              limit $9) as found
       join hookline.dead_letters example on example.dead_letter_id = found.example_id
      order by last_at desc, error_fingerprint desc`,
    [...filterValues(filter), ...(after ?? [null, null]), limit + 1],
  );
  return pageOf(rows, limit, { view: group, key: (row) => [row.at, row.error_fingerprint] });
}

function group(row: Row): DeadLetterGroup {
  return {
    fingerprint: row.error_fingerprint,
    letters: Number(row.letters),
    occurrences: Number(row.occurrences),
    deliveries: Number(row.deliveries),
    keys: Number(row.keys),
    handlers: row.handlers ?? [],
    reasons: row.reasons,
    firstAt: row.first_at,
    lastAt: row.last_at,
    example: { id: BigInt(row.example_id), message: row.example_message },
  };
}
