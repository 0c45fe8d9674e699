import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { QUEUED_COLUMNS, toQueuedEffect, type QueuedEffect, type QueuedRow } from './queued-effect.ts';

/** Where to go on reading the effects of one ordering key and queue. */
export interface QueueCursor {
  place: PartitionPlace;
  orderingKey: string;
  queue: string;
  /** Position that was read last. */
  after: bigint;
}

/**
 * The next effects of each queue behind a position, as `readOutboxPage` reads those of whole shards, by the index of keys:
 * for queues of which memory has kept the first ones only.
 *
 * @returns one list per cursor, in the order of `cursors`; one of `limit` may have more behind it
 */
export async function readQueues(
  database: Queryable,
  cursors: readonly QueueCursor[],
  limit: number,
): Promise<QueuedEffect[][]> {
  const queues: QueuedEffect[][] = cursors.map(() => []);
  if (cursors.length === 0) return queues;
  const { rows } = await database.query<QueuedRow & { n: number }>(
    `select cursor.n::integer as n, page.*
       from unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::bigint[])
              with ordinality as cursor (consumer_group, topic, kafka_partition, ordering_key, queue, after, n)
      cross join lateral (
              select ${QUEUED_COLUMNS}
                from hookline.outbox as effect
               where effect.consumer_group = cursor.consumer_group and effect.topic = cursor.topic
                 and effect.kafka_partition = cursor.kafka_partition and effect.ordering_key = cursor.ordering_key
                 and effect.queue = cursor.queue and effect.position > cursor.after and effect.state <> 'dead'
               order by effect.position
               limit $7) as page
      order by cursor.n, page.position`,
    [
      cursors.map(({ place }) => place.consumerGroup),
      cursors.map(({ place }) => place.topic),
      cursors.map(({ place }) => place.partition),
      cursors.map(({ orderingKey }) => orderingKey),
      cursors.map(({ queue }) => queue),
      cursors.map(({ after }) => after),
      limit,
    ],
  );
  for (const row of rows) queues[row.n - 1]?.push(toQueuedEffect(row));
  return queues;
}
