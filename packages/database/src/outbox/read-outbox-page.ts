import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { QUEUED_COLUMNS, toQueuedEffect, type QueuedEffect, type QueuedRow } from './queued-effect.ts';

/** Where to go on reading a shard. */
export interface OutboxCursor {
  place: PartitionPlace;
  /** Position that was read last. */
  after: bigint;
}

/**
 * The next effects of each shard behind a position, at most `limit` of each, in the order of positions, which is that of
 * commits: whoever has read up to one misses none below it. Dead ones are left out. Without bodies.
 *
 * @returns one list per cursor, in the order of `cursors`; one of `limit` may have more behind it
 */
export async function readOutboxPage(
  database: Queryable,
  cursors: readonly OutboxCursor[],
  limit: number,
): Promise<QueuedEffect[][]> {
  const pages: QueuedEffect[][] = cursors.map(() => []);
  if (cursors.length === 0) return pages;
  const { rows } = await database.query<QueuedRow & { n: number }>(
    `select cursor.n::integer as n, page.*
       from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
              with ordinality as cursor (consumer_group, topic, kafka_partition, after, n)
      cross join lateral (
              select ${QUEUED_COLUMNS}
                from hookline.outbox as effect
               where effect.consumer_group = cursor.consumer_group and effect.topic = cursor.topic
                 and effect.kafka_partition = cursor.kafka_partition and effect.position > cursor.after
                 and effect.state <> 'dead'
               order by effect.position
               limit $5) as page
      order by cursor.n, page.position`,
    [
      cursors.map(({ place }) => place.consumerGroup),
      cursors.map(({ place }) => place.topic),
      cursors.map(({ place }) => place.partition),
      cursors.map(({ after }) => after),
      limit,
    ],
  );
  for (const row of rows) pages[row.n - 1]?.push(toQueuedEffect(row));
  return pages;
}
