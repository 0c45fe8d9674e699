import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { QUEUED_COLUMNS, toQueuedEffect, type QueuedEffect, type QueuedRow } from './queued-effect.ts';

/** Where to go on reading a shard. */
export interface OutboxCursor {
  place: PartitionPlace;
  /** Position that was read last. */
  after: bigint;
  /** Effects to read at most. */
  limit: number;
}

/**
 * The next effects of each shard behind a position, in the order of positions, which is that of commits: whoever has read
 * up to one misses none below it. Dead ones are left out. Without bodies.
 *
 * @returns one list per cursor, in the order of `cursors`; one as long as its limit may have more behind it
 */
export async function readOutboxPage(database: Queryable, cursors: readonly OutboxCursor[]): Promise<QueuedEffect[][]> {
  const pages: QueuedEffect[][] = cursors.map(() => []);
  if (cursors.length === 0) return pages;
  const { rows } = await database.query<QueuedRow & { n: number }>(
    `select cursor.n::integer as n, page.*
       from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::integer[])
              with ordinality as cursor (consumer_group, topic, kafka_partition, after, most, n)
      cross join lateral (
              select ${QUEUED_COLUMNS}
                from hookline.outbox as effect
               where effect.consumer_group = cursor.consumer_group and effect.topic = cursor.topic
                 and effect.kafka_partition = cursor.kafka_partition and effect.position > cursor.after
                 and effect.state <> 'dead'
               order by effect.position
               limit cursor.most) as page
      order by cursor.n, page.position`,
    [
      cursors.map(({ place }) => place.consumerGroup),
      cursors.map(({ place }) => place.topic),
      cursors.map(({ place }) => place.partition),
      cursors.map(({ after }) => after),
      cursors.map(({ limit }) => limit),
    ],
  );
  for (const row of rows) pages[row.n - 1]?.push(toQueuedEffect(row));
  return pages;
}
