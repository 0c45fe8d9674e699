import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { RecordStart, RunPlace } from './record-start.ts';

/** The run that is noted for a place now, by whatever process; null where there is none. */
export async function findStart(
  tx: Queryable,
  fence: Fence,
  { stage, orderingKey }: RunPlace,
): Promise<RecordStart | null> {
  const { rows } = await tx.query<{ first_position: string; records: number; owner: string }>(
    `select first_position, records, owner
       from hookline.record_starts
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and stage = $4 and ordering_key = $5`,
    [fence.consumerGroup, fence.topic, fence.partition, stage, orderingKey],
  );
  const row = rows[0];
  if (!row) return null;
  return { stage, orderingKey, firstPosition: BigInt(row.first_position), records: row.records, owner: row.owner };
}
