import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { RecordStart } from './record-start.ts';

/**
 * Notes a run before it begins, in a transaction of its own that has checked the epoch. If the process dies of it, the
 * row stays and the next owner finds it. Replaces the last note of the same place, which has been dealt with.
 *
 * Its transaction must not be aborted half-way: only who knows whether the row is there can take it back.
 */
export async function startRun(
  tx: Queryable,
  fence: Fence,
  owner: string,
  { stage, orderingKey, firstPosition, records }: Omit<RecordStart, 'owner'>,
): Promise<void> {
  await tx.query(
    `insert into hookline.record_starts
            (consumer_group, topic, kafka_partition, stage, ordering_key, first_position, records, epoch, owner)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (consumer_group, topic, kafka_partition, stage, ordering_key)
         do update set first_position = excluded.first_position, records = excluded.records,
                       epoch = excluded.epoch, owner = excluded.owner, started_at = now()`,
    [fence.consumerGroup, fence.topic, fence.partition, stage, orderingKey, firstPosition, records, fence.epoch, owner],
  );
}
