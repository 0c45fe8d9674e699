import type { Queryable } from '../database.ts';
import { columnsOf, toShard, type Shard, type ShardRow } from './shard.ts';

/**
 * Prolongs leases to `leaseMs` from now, by the database's clock. Returns those that hold; what is missing has ended:
 * another relay has it, or may take it at any moment.
 */
export async function renewLeases(
  database: Queryable,
  owner: string,
  leaseMs: number,
  shards: readonly Shard[],
): Promise<Shard[]> {
  if (shards.length === 0) return [];
  const { rows } = await database.query<ShardRow>(
    `update hookline.outbox_shards as shard
        set lease_until = clock_timestamp() + $5::float8 * interval '1 ms'
       from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[]) as held (consumer_group, topic, kafka_partition, epoch)
      where shard.consumer_group = held.consumer_group and shard.topic = held.topic
        and shard.kafka_partition = held.kafka_partition and shard.epoch = held.epoch
        and shard.owner = $6 and shard.lease_until > clock_timestamp()
  returning shard.consumer_group, shard.topic, shard.kafka_partition, shard.epoch`,
    [...columnsOf(shards), leaseMs, owner],
  );
  return rows.map(toShard);
}
