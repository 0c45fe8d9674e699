import type { Queryable } from '../database.ts';
import { newIncarnation, placed, type NewPlaces } from './new-places.ts';

/**
 * Moves what is held until an operator decides. The place that was last seen is of the old log, too: a record of the new
 * one, at whatever offset, is another arrival.
 */
export async function moveHeldDeliveries(tx: Queryable, places: NewPlaces): Promise<number> {
  await dropDoubles(tx, places);
  const { rowCount } = await tx.query(
    `update hookline.held_deliveries old
        set topic = $3, kafka_partition = new.partition, incarnation = ${newIncarnation('incarnation')},
            seen_incarnation = ${newIncarnation('seen_incarnation')}
       from unnest($4::text[], $5::integer[]) as new (ordering_key, partition)
      where old.consumer_group = $1 and old.topic = $2 and old.ordering_key = new.ordering_key`,
    placed(places),
  );
  return rowCount;
}

/**
 * What was settled has no body any more, and stays where it was when the key rule changed. Then the same can be held again
 * under its new key, and a later move bring both into one partition, where there is room for one: that is what is held.
 */
async function dropDoubles(tx: Queryable, places: NewPlaces): Promise<void> {
  await tx.query(
    `delete from hookline.held_deliveries old
      using (select kafka_partition, digest, dedup_scope, event,
                    row_number() over (partition by new.partition, digest, dedup_scope, event
                                       order by state = 'held' desc, last_arrival_at desc, kafka_partition) as nth
               from hookline.held_deliveries
               join unnest($4::text[], $5::integer[]) as new (ordering_key, partition) using (ordering_key)
              where consumer_group = $1 and topic = $2 and $3::text is not null) as ranked
      where nth > 1 and old.consumer_group = $1 and old.topic = $2 and old.state <> 'held'
        and old.kafka_partition = ranked.kafka_partition and old.digest = ranked.digest
        and old.dedup_scope = ranked.dedup_scope and old.event = ranked.event`,
    placed(places),
  );
}
