import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { RunPlace } from './record-start.ts';

/**
 * Removes the note of a run, whoever made it, in the fenced transaction that completes its records or draws the
 * conclusion from their having killed a process.
 */
export async function endRun(tx: Queryable, fence: Fence, { stage, orderingKey }: RunPlace): Promise<void> {
  await tx.query(
    `delete from hookline.record_starts
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and stage = $4 and ordering_key = $5`,
    [fence.consumerGroup, fence.topic, fence.partition, stage, orderingKey],
  );
}
