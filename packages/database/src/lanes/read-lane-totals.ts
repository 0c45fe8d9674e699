import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/** What waits in the lanes of one partition, held ones included. */
export interface LaneTotals {
  lanes: number;
  records: number;
  /** Of the bodies, as they are stored. */
  bytes: number;
  /** When the lane that has been open for longest was opened; null where there is none. */
  oldest: Date | null;
}

export async function readLaneTotals(database: Queryable, fence: Fence): Promise<LaneTotals> {
  const { rows } = await database.query<{ lanes: string; records: string; bytes: string; oldest: Date | null }>(
    `select count(*) as lanes, coalesce(sum(records), 0) as records, coalesce(sum(bytes), 0) as bytes,
            min(opened_at) as oldest
       from hookline.lanes
      where consumer_group = $1 and topic = $2 and kafka_partition = $3`,
    [fence.consumerGroup, fence.topic, fence.partition],
  );
  const { lanes, records, bytes, oldest } = rows[0] as (typeof rows)[number];
  return { lanes: Number(lanes), records: Number(records), bytes: Number(bytes), oldest };
}
