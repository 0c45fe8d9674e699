import type { Queryable } from './database.ts';
import type { PartitionPlace } from './fence.ts';

/**
 * Locks the partition's row to the end of the transaction, as its owner's transactions do, without being the owner: what
 * is read now stays true until COMMIT. The transaction must be short, since the partition waits for it.
 *
 * @returns where it stands; null where nobody has ever owned it
 */
export async function lockPartition(
  tx: Queryable,
  place: PartitionPlace,
): Promise<{ nextOffset: bigint; epoch: bigint; incarnation: number } | null> {
  const { rows } = await tx.query<{ next_offset: string; epoch: string; incarnation: number }>(
    `select next_offset, epoch, incarnation
       from hookline.partition_offsets
      where consumer_group = $1 and topic = $2 and kafka_partition = $3
        for update`,
    [place.consumerGroup, place.topic, place.partition],
  );
  const [row] = rows;
  return row ? { nextOffset: BigInt(row.next_offset), epoch: BigInt(row.epoch), incarnation: row.incarnation } : null;
}
