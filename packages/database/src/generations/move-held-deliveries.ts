import type { Queryable } from '../database.ts';
import { newIncarnation, placed, type NewPlaces } from './new-places.ts';

/**
 * Moves what is held until an operator decides. The place that was last seen is of the old log, too: a record of the new
 * one, at whatever offset, is another arrival.
 */
export async function moveHeldDeliveries(tx: Queryable, places: NewPlaces): Promise<number> {
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
