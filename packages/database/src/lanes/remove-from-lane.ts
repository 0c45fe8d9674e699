import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/** The records from a lane's head to a position, as they were read. */
export interface LaneHeads {
  through: bigint;
  records: number;
  /** As they are stored. */
  bytes: number;
}

/**
 * Removes the first records of a lane, under the fence: the next one is a head that was never tried, due now. Looks
 * again, under the lock, whether anything is left: a slice may have appended since the lane was read. An empty lane is
 * closed in the same statement's transaction, unless it is held.
 *
 * @returns whether the lane is closed, and how many records are left
 *
 * @throws when other rows went than the caller has run: they would be lost, or run again
 */
export async function removeFromLane(
  tx: Queryable,
  fence: Fence,
  orderingKey: string,
  { through, records, bytes }: LaneHeads,
): Promise<{ closed: boolean; records: number }> {
  const place = [fence.consumerGroup, fence.topic, fence.partition, orderingKey];
  const { rows } = await tx.query<{ removed: string; removed_bytes: string; records: string; state: string }>(
    `with gone as (
       delete from hookline.lane_deliveries
        where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4
          and position >= (select head_position
                             from hookline.lanes
                            where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4)
          and position <= $5
       returning octet_length(body) as bytes
     )
     update hookline.lanes lane
        set records = lane.records - removed.records, bytes = lane.bytes - removed.bytes, head_position = $5 + 1,
            attempts = 0, kills = 0, deferrals = 0, last_error = null, tried_epoch = $6, due_at = now()
       from (select count(*) as records, coalesce(sum(bytes), 0) as bytes from gone) as removed
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4
     returning removed.records as removed, removed.bytes as removed_bytes, lane.records, lane.state`,
    [...place, through, fence.epoch],
  );
  const row = rows[0];
  if (!row || Number(row.removed) !== records || Number(row.removed_bytes) !== bytes) {
    throw new Error(
      `${records} records (${bytes} bytes) were run from the lane of ${orderingKey}, up to position ${through}, ` +
        `but ${row?.removed ?? 0} (${row?.removed_bytes ?? 0} bytes) are there.`,
    );
  }
  const closed = row.records === '0' && row.state === 'retrying';
  if (closed) {
    await tx.query(
      `delete from hookline.lanes
        where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4`,
      place,
    );
  }
  return { closed, records: Number(row.records) };
}
