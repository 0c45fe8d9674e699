import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';

/**
 * Removes a halt: the partition is processed again, or is about to be. Only for the present owner: one that was frozen
 * until another had halted the partition would take the halt from whoever is to decide about it.
 *
 * @param place with the epoch of the caller; null where there is no row of the partition
 */
export async function clearHalt(on: Queryable, place: PartitionPlace & { epoch: bigint | null }): Promise<void> {
  // The shared lock lets a takeover come strictly after, as in writeHalt.
  await on.query(
    `with present as (
       select epoch
         from hookline.partition_offsets
        where consumer_group = $1 and topic = $2 and kafka_partition = $3
          for share
     )
     delete from hookline.partition_halts
      where consumer_group = $1 and topic = $2 and kafka_partition = $3
        and (select epoch from present) is not distinct from $4::bigint`,
    [place.consumerGroup, place.topic, place.partition, place.epoch],
  );
}
