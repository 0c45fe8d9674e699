import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import type { HaltState } from './halt.ts';

/**
 * Writes down that a partition is halted, in place of an earlier halt. Only for the present owner: one whose partition
 * was taken over meanwhile would halt, on paper, what another is processing.
 *
 * @param epoch of the caller; null where there is no row of the partition
 *
 * @returns false when the epoch is another's
 */
export async function writeHalt(
  database: Queryable,
  place: PartitionPlace,
  halt: HaltState & { epoch: bigint | null },
): Promise<boolean> {
  // The shared lock lets a takeover come strictly after: it then finds the halt, and removes it.
  const { rowCount } = await database.query(
    `with present as (
       select epoch
         from hookline.partition_offsets
        where consumer_group = $1 and topic = $2 and kafka_partition = $3
          for share
     )
     insert into hookline.partition_halts
            (consumer_group, topic, kafka_partition, reason, detail, next_offset, log_start, log_end, committed, owner)
     select $1, $2, $3, $4, $5, $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10
      where (select epoch from present) is not distinct from $11::bigint
         on conflict (consumer_group, topic, kafka_partition)
         do update set reason = excluded.reason, detail = excluded.detail, next_offset = excluded.next_offset,
                       log_start = excluded.log_start, log_end = excluded.log_end, committed = excluded.committed,
                       owner = excluded.owner, halted_at = now()`,
    [
      place.consumerGroup,
      place.topic,
      place.partition,
      halt.reason,
      halt.detail,
      halt.nextOffset,
      halt.logStart,
      halt.logEnd,
      halt.committed,
      halt.owner,
      halt.epoch,
    ],
  );
  return rowCount === 1;
}
