import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';

/**
 * Notes that a delivery has died, or is dead again, at this point of the log: every record below the stored offset was
 * decided before that. Without it a redelivery that came while the delivery still waited would run it again when the log
 * is read again. Under the fence; one round trip.
 *
 * Going back in the same log never takes the note back.
 */
export async function noteDeath(tx: Queryable, fence: Fence, { incarnation, offset }: LogPlace): Promise<void> {
  await tx.query(
    `update hookline.dead_deliveries dead
        set seen_incarnation = $4,
            seen_offset = case when dead.seen_incarnation = $4 then greatest(dead.seen_offset, log.next_offset - 1)
                               else log.next_offset - 1 end
       from hookline.partition_offsets log
      where log.consumer_group = $1 and log.topic = $2 and log.kafka_partition = $3
        and dead.consumer_group = $1 and dead.topic = $2 and dead.kafka_partition = $3
        and dead.incarnation = $5 and dead.kafka_offset = $6`,
    [fence.consumerGroup, fence.topic, fence.partition, fence.incarnation, incarnation, offset],
  );
}
