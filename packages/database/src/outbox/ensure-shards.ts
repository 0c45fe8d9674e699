import type { Queryable } from '../database.ts';

/** Makes a shard of each partition that has an owner, where it is missing. Asks before it writes: it is called often. */
export async function ensureShards(database: Queryable): Promise<number> {
  const { rowCount } = await database.query(
    `insert into hookline.outbox_shards (consumer_group, topic, kafka_partition)
     select consumer_group, topic, kafka_partition
       from hookline.partition_offsets as owned
      where not exists (select
                          from hookline.outbox_shards as shard
                         where shard.consumer_group = owned.consumer_group and shard.topic = owned.topic
                           and shard.kafka_partition = owned.kafka_partition)
         on conflict (consumer_group, topic, kafka_partition) do nothing`,
  );
  return rowCount;
}
