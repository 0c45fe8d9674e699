import type { Queryable } from '../database.ts';
import { newIncarnation, placed, type NewPlaces } from './new-places.ts';

/**
 * Moves lanes with all that waits in them. A key is in one partition of either topic, so that no two lanes meet; positions,
 * and with them the order, stay as they are. Epochs of the old partition say nothing in the new one.
 */
export async function moveLanes(tx: Queryable, places: NewPlaces): Promise<{ lanes: number; waiting: number }> {
  const lanes = await tx.query(
    `update hookline.lanes old
        set topic = $3, kafka_partition = new.partition, tried_epoch = null
       from unnest($4::text[], $5::integer[]) as new (ordering_key, partition)
      where old.consumer_group = $1 and old.topic = $2 and old.ordering_key = new.ordering_key`,
    placed(places),
  );
  const waiting = await tx.query(
    `update hookline.lane_deliveries old
        set topic = $3, kafka_partition = new.partition, incarnation = ${newIncarnation('incarnation')},
            dead_incarnation = ${newIncarnation('dead_incarnation')}
       from unnest($4::text[], $5::integer[]) as new (ordering_key, partition)
      where old.consumer_group = $1 and old.topic = $2 and old.ordering_key = new.ordering_key`,
    placed(places),
  );
  return { lanes: lanes.rowCount, waiting: waiting.rowCount };
}
