import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';

/** Removes a halt: the partition is processed again, or is about to be. */
export async function clearHalt(on: Queryable, place: PartitionPlace): Promise<void> {
  await on.query(
    'delete from hookline.partition_halts where consumer_group = $1 and topic = $2 and kafka_partition = $3',
    [place.consumerGroup, place.topic, place.partition],
  );
}
