import type { Queryable } from '../database.ts';
import { columnsOf, toShard, type Shard, type ShardRow } from './shard.ts';

/**
 * Locks shards to the end of the transaction, and returns those whose epoch and owner are still the given ones: nothing
 * may be written of the others.
 *
 * `for key share` lets the relay's own renewals through, which change no key, and keeps out whoever raises an epoch by
 * `for update`. Whoever raises one otherwise would not wait, and an attempt could begin behind the new owner's back.
 *
 * @param leftMs milliseconds that the lease must still have, by the database's clock; null: it may have ended, as long as
 * nobody else has taken it
 */
export async function lockShards(
  tx: Queryable,
  owner: string,
  shards: readonly Shard[],
  leftMs: number | null,
): Promise<Shard[]> {
  const { rows } = await tx.query<ShardRow>(
    `select shard.consumer_group, shard.topic, shard.kafka_partition, shard.epoch
       from hookline.outbox_shards as shard
       join unnest($1::text[], $2::text[], $3::integer[], $4::bigint[]) as held (consumer_group, topic, kafka_partition, epoch)
            using (consumer_group, topic, kafka_partition, epoch)
      where shard.owner = $5
        and ($6::float8 is null or shard.lease_until >= clock_timestamp() + $6 * interval '1 ms')
      order by shard.consumer_group, shard.topic, shard.kafka_partition
        for key share of shard`,
    [...columnsOf(shards), owner, leftMs],
  );
  return rows.map(toShard);
}
