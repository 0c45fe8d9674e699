import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { RunPlace } from './record-start.ts';

/**
 * Takes back the note of a run that was given up: its process is alive, so that nobody is to blame. By owner and epoch
 * and not under the fence, because the partition may be lost already; what a later run has noted stays.
 */
export async function cancelRun(
  database: Queryable,
  fence: Fence,
  owner: string,
  { stage, orderingKey }: RunPlace,
): Promise<void> {
  await database.query(
    `delete from hookline.record_starts
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and stage = $4 and ordering_key = $5
        and epoch = $6 and owner = $7`,
    [fence.consumerGroup, fence.topic, fence.partition, stage, orderingKey, fence.epoch, owner],
  );
}
