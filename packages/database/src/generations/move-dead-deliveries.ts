import type { Queryable } from '../database.ts';
import { newIncarnation, placed, type NewPlaces } from './new-places.ts';

/**
 * Moves dead deliveries with their letters. One statement for both, since each is checked against the other when it ends.
 * A record that is no delivery has no key: it goes to its own number, within those that there are.
 */
export async function moveDeadDeliveries(tx: Queryable, places: NewPlaces): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `with going as (
       select old.kafka_partition, old.incarnation, old.kafka_offset,
              coalesce(new.partition, old.kafka_partition % $6) as new_partition,
              ${newIncarnation('incarnation')} as new_incarnation,
              ${newIncarnation('seen_incarnation')} as new_seen_incarnation
         from hookline.dead_deliveries old
         left join unnest($4::text[], $5::integer[]) as new (ordering_key, partition)
           on old.ordering_key = new.ordering_key
        where old.consumer_group = $1 and old.topic = $2),
     letters as (
       update hookline.dead_letters letter
          set topic = $3, kafka_partition = going.new_partition, incarnation = going.new_incarnation
         from going
        where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = going.kafka_partition
          and letter.incarnation = going.incarnation and letter.kafka_offset = going.kafka_offset),
     deliveries as (
       update hookline.dead_deliveries dead
          set topic = $3, kafka_partition = going.new_partition, incarnation = going.new_incarnation,
              seen_incarnation = going.new_seen_incarnation
         from going
        where dead.consumer_group = $1 and dead.topic = $2 and dead.kafka_partition = going.kafka_partition
          and dead.incarnation = going.incarnation and dead.kafka_offset = going.kafka_offset
       returning 1)
     select count(*)::integer as n from deliveries`,
    [...placed(places), places.partitions],
  );
  return (rows[0] as { n: number }).n;
}
