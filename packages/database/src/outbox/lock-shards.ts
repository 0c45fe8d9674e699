import type { Queryable } from '../database.ts';
import { prepared } from '../prepared.ts';
import { columnsOf, type Shard } from './shard.ts';

const LOCK = prepared(
  `select held.n::integer as n,
            $6::float8 is null or shard.lease_until >= clock_timestamp() + $6 * interval '1 ms' as lasts
       from hookline.outbox_shards as shard
       join unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
              with ordinality as held (consumer_group, topic, kafka_partition, epoch, n)
            using (consumer_group, topic, kafka_partition, epoch)
      where shard.owner = $5
      order by shard.consumer_group, shard.topic, shard.kafka_partition
        for key share of shard`,
);

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
  const { rows } = await tx.query<{ n: number; lasts: boolean }>(LOCK, heldValues(owner, shards, leftMs));
  return rows.flatMap(({ n, lasts }) => (lasts ? [shards[n - 1] as Shard] : []));
}

/**
 * SQL: those of the given shards of which may be written, `n` in the order given, from 1; values $1 to $6 as of
 * {@link heldValues}. For statements sent right behind {@link lockShards}, without its answer: each sees what was committed
 * before the locks were had, and behind that the epochs stand still. Whether a lease lasts is asked anew, and may differ.
 */
export const HELD_SHARDS = `
       select given.n::integer as n, consumer_group, topic, kafka_partition, given.epoch
         from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[])
                with ordinality as given (consumer_group, topic, kafka_partition, epoch, n)
         join hookline.outbox_shards as shard using (consumer_group, topic, kafka_partition, epoch)
        where shard.owner = $5
          and ($6::float8 is null or shard.lease_until >= clock_timestamp() + $6 * interval '1 ms')`;

export function heldValues(owner: string, shards: readonly Shard[], leftMs: number | null): unknown[] {
  return [...columnsOf(shards), owner, leftMs];
}
