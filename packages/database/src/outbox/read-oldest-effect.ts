import type { Queryable } from '../database.ts';

/**
 * When the first effect was asked for that is to be sent and is not settled, of all partitions; null: none waits. Dead ones
 * are left out: they wait for a human. One look into an index per partition, however many effects there are.
 *
 * The first of a partition is that of the lowest position. Behind it may be one that is older and was redriven since: that
 * one has waited for a human, and not for a relay.
 */
export async function readOldestEffect(database: Queryable): Promise<Date | null> {
  const { rows } = await database.query<{ oldest: Date | null }>(
    `select min(first.created_at) as oldest
       from hookline.partition_offsets as place
      cross join lateral (
              select effect.created_at
                from hookline.outbox as effect
               where effect.consumer_group = place.consumer_group and effect.topic = place.topic
                 and effect.kafka_partition = place.kafka_partition and effect.state <> 'dead'
               order by effect.position
               limit 1) as first`,
  );
  return rows[0]?.oldest ?? null;
}
