import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import { lastError, type LaneTries } from './open-lanes.ts';

/**
 * Sets what is known of the head's tries, and when the next is due. `carefulUntil` only ever rises.
 *
 * @param tries `triedEpoch`: the epoch of the owner whose try was the last one
 *
 * @throws when there is no such lane
 */
export async function deferLane(
  tx: Queryable,
  fence: Fence,
  orderingKey: string,
  {
    attempts,
    kills,
    deferrals,
    dueInMs,
    error,
    triedEpoch,
    carefulUntil,
  }: LaneTries & {
    triedEpoch: bigint | null;
    carefulUntil?: bigint;
  },
): Promise<void> {
  const { rowCount } = await tx.query(
    `update hookline.lanes
        set attempts = $5, kills = $6, deferrals = $7, due_at = now() + $8::double precision * interval '1 ms',
            last_error = $9, tried_epoch = $10, careful_until = greatest(careful_until, $11::bigint)
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      orderingKey,
      attempts,
      kills,
      deferrals,
      dueInMs,
      lastError(error),
      triedEpoch,
      carefulUntil ?? null,
    ],
  );
  if (rowCount !== 1) throw new Error(`There is no lane of ${orderingKey}.`);
}
