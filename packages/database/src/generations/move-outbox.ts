import type { Queryable } from '../database.ts';
import type { GenerationMove } from './generation-move.ts';
import { newIncarnation, placed, type NewPlaces } from './new-places.ts';

/**
 * Takes the old topic's effects from every relay: whoever was sending some writes nothing of what became of them, since the
 * epochs are raised. Waits for those who are writing at this moment.
 *
 * Shards that nobody has made yet are made first: a relay that made one now would have an epoch that nobody has raised.
 * They stay, so that none of an old epoch can come.
 */
export async function fenceShards(
  tx: Queryable,
  { consumerGroup, from }: Pick<GenerationMove, 'consumerGroup' | 'from'>,
): Promise<void> {
  await tx.query(
    `insert into hookline.outbox_shards (consumer_group, topic, kafka_partition)
     select consumer_group, topic, kafka_partition
       from hookline.partition_offsets
      where consumer_group = $1 and topic = $2
         on conflict do nothing`,
    [consumerGroup, from],
  );
  // `for update`, and not by the update alone: that does not wait for those who have locked a shard by its epoch.
  await tx.query(
    `select from hookline.outbox_shards where consumer_group = $1 and topic = $2 order by kafka_partition for update`,
    [consumerGroup, from],
  );
  await tx.query(
    `update hookline.outbox_shards set epoch = epoch + 1, owner = null, lease_until = null
      where consumer_group = $1 and topic = $2`,
    [consumerGroup, from],
  );
}

/** How many effects of a topic wait to be sent, or are being sent. */
export async function countUnsent(
  tx: Queryable,
  { consumerGroup, from }: Pick<GenerationMove, 'consumerGroup' | 'from'>,
): Promise<number> {
  const { rows } = await tx.query<{ unsent: string }>(
    `select count(*) as unsent from hookline.outbox
      where consumer_group = $1 and topic = $2 and state <> 'dead'`,
    [consumerGroup, from],
  );
  return Number(rows[0]?.unsent);
}

/**
 * Moves effects that are not settled to the partition of their key. Positions, and with them the order, stay as they are.
 * What was being sent may still take effect until its attempt ends: who takes the new shard finds it so, and waits.
 */
export async function moveOutbox(tx: Queryable, places: NewPlaces): Promise<number> {
  const { rowCount } = await tx.query(
    `update hookline.outbox old
        set topic = $3, kafka_partition = new.partition, incarnation = ${newIncarnation('incarnation')}
       from unnest($4::text[], $5::integer[]) as new (ordering_key, partition)
      where old.consumer_group = $1 and old.topic = $2 and old.ordering_key = new.ordering_key`,
    placed(places),
  );
  return rowCount;
}
