import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/** A record of a lane, by its position and by what waits there: the positions of a lane that opens again begin anew. */
export interface LaneRecordName {
  orderingKey: string;
  position: bigint;
  /** Null, both: of a run that another process has noted, which names the position only. */
  incarnation: number | null;
  offset: bigint | null;
}

/**
 * Whether a record is still the head of its lane, and the lane is to be run. Asked under the fence by whoever has run
 * that head meanwhile: an operator's command can have held the lane, or set its head aside.
 */
export async function isRunningHead(
  tx: Queryable,
  fence: Fence,
  { orderingKey, position, incarnation, offset }: LaneRecordName,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select
       from hookline.lanes lane
       join hookline.lane_deliveries record using (consumer_group, topic, kafka_partition, ordering_key)
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4
        and lane.head_position = $5 and lane.state = 'retrying'
        and record.position = $5
        and record.incarnation = coalesce($6::integer, record.incarnation)
        and record.kafka_offset = coalesce($7::bigint, record.kafka_offset)`,
    [fence.consumerGroup, fence.topic, fence.partition, orderingKey, position, incarnation, offset],
  );
  return rowCount === 1;
}
