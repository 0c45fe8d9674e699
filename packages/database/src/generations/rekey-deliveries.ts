import type { Queryable } from '../database.ts';
import type { GenerationMove, KeyedDelivery } from './generation-move.ts';
import { readInPages } from './read-in-pages.ts';

/** The columns that a new key comes from. */
export interface KeyedRow extends Record<string, unknown> {
  ordering_key: string;
  dedup_scope: string;
  headers: Record<string, string>;
  body: Buffer;
  body_encoding: KeyedDelivery['body']['encoding'];
}

export const KEYED_COLUMNS = 'ordering_key, dedup_scope, headers, body, body_encoding';

export function keyedDelivery({ ordering_key, dedup_scope, headers, body, body_encoding }: KeyedRow): KeyedDelivery {
  return {
    orderingKey: ordering_key,
    dedupScope: dedup_scope,
    headers,
    body: { encoding: body_encoding, bytes: body },
  };
}

/** Tables that keep deliveries outside of lanes, and what tells their rows apart within a topic. */
const PLACES = {
  held_deliveries: ['kafka_partition', 'digest', 'dedup_scope', 'event'],
  dead_deliveries: ['kafka_partition', 'incarnation', 'kafka_offset'],
} as const;

const TYPES: Record<string, string> = {
  kafka_partition: 'integer',
  digest: 'bytea',
  dedup_scope: 'text',
  event: 'text',
  incarnation: 'integer',
  kafka_offset: 'bigint',
};

/**
 * Gives held and dead deliveries the key that they have by the new rule, still in the old topic. What has no body any more
 * keeps its key: it is settled, or was erased, and runs under none.
 */
export async function rekeyDeliveries(
  tx: Queryable,
  { consumerGroup, from }: GenerationMove,
  newKeyOf: (stored: KeyedDelivery) => string,
): Promise<void> {
  for (const [table, columns] of Object.entries(PLACES)) {
    const changed: { place: unknown[]; newKey: string }[] = [];
    await readInPages<KeyedRow>(
      tx,
      {
        columns: `${columns.join(', ')}, ${KEYED_COLUMNS}`,
        from: `hookline.${table}`,
        where: 'body is not null and ordering_key is not null',
        by: columns,
        values: [consumerGroup, from],
      },
      (row) => {
        const newKey = newKeyOf(keyedDelivery(row));
        if (newKey !== row.ordering_key) changed.push({ place: columns.map((column) => row[column]), newKey });
      },
    );
    await tx.query(
      `update hookline.${table} old
          set ordering_key = new.new_key
         from unnest($3::text[], ${columns.map((column, i) => `$${i + 4}::${TYPES[column]}[]`).join(', ')})
              as new (new_key, ${columns.join(', ')})
        where old.consumer_group = $1 and old.topic = $2
          and ${columns.map((column) => `old.${column} = new.${column}`).join(' and ')}`,
      [
        consumerGroup,
        from,
        changed.map(({ newKey }) => newKey),
        ...columns.map((_, i) => changed.map(({ place }) => place[i])),
      ],
    );
  }
}
