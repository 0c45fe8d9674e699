import type { Queryable } from '../database.ts';
import { columnsOf, type Shard } from './shard.ts';

/**
 * Gives up leases before they end, so that others can go on at once. Only for shards of which nothing is being sent:
 * whoever takes one begins without waiting. Leases that are another's by now stay theirs. Returns how many were given
 * back.
 */
export async function giveBackShards(database: Queryable, owner: string, shards: readonly Shard[]): Promise<number> {
  if (shards.length === 0) return 0;
  const { rowCount } = await database.query(
    `update hookline.outbox_shards as shard
        set owner = null, lease_until = null
       from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[]) as held (consumer_group, topic, kafka_partition, epoch)
      where shard.consumer_group = held.consumer_group and shard.topic = held.topic
        and shard.kafka_partition = held.kafka_partition and shard.epoch = held.epoch and shard.owner = $5`,
    [...columnsOf(shards), owner],
  );
  return rowCount;
}
