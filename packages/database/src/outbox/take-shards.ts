import type { Queryable } from '../database.ts';
import { IS_SENT_FROM, toShard, type Shard, type ShardRow } from './shard.ts';

export interface TakenShard {
  shard: Shard;
  /** Its last relay had not given it back: what that one was sending has an outcome that nobody knows. */
  wasAbandoned: boolean;
}

/**
 * Takes up to `limit` shards that no relay has, or whose lease has ended by the database's clock, for `leaseMs`. Each
 * gets a higher epoch, so that whoever had it before writes nothing any more. Shards that another relay is taking at
 * this moment are passed over, and those of which nothing will ever be sent again.
 *
 * `for update`, and not by the update alone: that waits for those who have locked the shard by its epoch
 * (`lockShards`), so that they come strictly before or after.
 */
export async function takeShards(
  database: Queryable,
  owner: string,
  leaseMs: number,
  limit: number,
): Promise<TakenShard[]> {
  if (limit <= 0) return [];
  const { rows } = await database.query<ShardRow & { was_abandoned: boolean }>(
    `with free as (
       select consumer_group, topic, kafka_partition, owner is not null as was_abandoned
         from hookline.outbox_shards as shard
        where (owner is null or lease_until <= clock_timestamp())
          and ${IS_SENT_FROM}
        order by lease_until nulls first, kafka_partition
        limit $3
          for update skip locked
     )
     update hookline.outbox_shards as shard
        set epoch = shard.epoch + 1, owner = $1, lease_until = clock_timestamp() + $2::float8 * interval '1 ms'
       from free
      where shard.consumer_group = free.consumer_group and shard.topic = free.topic
        and shard.kafka_partition = free.kafka_partition
  returning shard.consumer_group, shard.topic, shard.kafka_partition, shard.epoch, free.was_abandoned`,
    [owner, leaseMs, limit],
  );
  return rows.map((row) => ({ shard: toShard(row), wasAbandoned: row.was_abandoned }));
}
