import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import { storableText } from '../storable-text.ts';

/** Tries of a lane's head so far, and when the next one is due. */
export interface LaneTries {
  /** That counted. */
  attempts: number;
  /** Processes that died of it. */
  kills: number;
  /** In a row, that did not count. */
  deferrals: number;
  dueInMs: number;
  /** Why the last one failed; cut at 4 KiB. */
  error: string;
}

const MAX_ERROR_BYTES = 4096;

export const lastError = (error: string) => storableText(error, MAX_ERROR_BYTES);

/**
 * Opens lanes, empty; their records are appended in the same transaction. One round trip. No ON CONFLICT: who opens has
 * looked under the fence, so that a lane which is there already means that this reasoning broke.
 */
export async function openLanes(
  tx: Queryable,
  fence: Fence,
  lanes: readonly (LaneTries & { orderingKey: string })[],
): Promise<void> {
  if (lanes.length === 0) return;
  await tx.query(
    `insert into hookline.lanes
            (consumer_group, topic, kafka_partition, tried_epoch, ordering_key, attempts, kills, deferrals, due_at,
             last_error)
     select $1, $2, $3, $10, ordering_key, attempts, kills, deferrals, now() + due_in_ms * interval '1 ms', last_error
       from unnest($4::text[], $5::integer[], $6::integer[], $7::integer[], $8::double precision[], $9::text[])
            as lane (ordering_key, attempts, kills, deferrals, due_in_ms, last_error)`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      lanes.map((lane) => lane.orderingKey),
      lanes.map((lane) => lane.attempts),
      lanes.map((lane) => lane.kills),
      lanes.map((lane) => lane.deferrals),
      lanes.map((lane) => lane.dueInMs),
      lanes.map((lane) => lastError(lane.error)),
      fence.epoch,
    ],
  );
}
