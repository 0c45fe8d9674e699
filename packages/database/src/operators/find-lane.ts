import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';

/** The lane of a key, as a decision about it sees it. */
export interface LaneTarget {
  state: 'retrying' | 'held';
  /** Tries of its head that counted: a decision names them. */
  generation: number;
  records: number;
  lastError: string | null;
  dueAt: Date;
  /** What is next, by its place in the log; null: the lane is empty. */
  head: { incarnation: number; offset: bigint; guid: string; event: string } | null;
}

/** The lane of a key, or null where the key does not wait. One statement: state and head are of one moment. */
export async function findLane(
  database: Queryable,
  { consumerGroup, topic, partition }: PartitionPlace,
  orderingKey: string,
): Promise<LaneTarget | null> {
  const { rows } = await database.query<{
    state: LaneTarget['state'];
    attempts: number;
    records: string;
    last_error: string | null;
    due_at: Date;
    incarnation: number | null;
    kafka_offset: string | null;
    guid: string | null;
    event: string | null;
  }>(
    `select state, attempts, records, last_error, due_at, head.*
       from hookline.lanes lane
       left join lateral (
            select incarnation, kafka_offset, guid, event
              from hookline.lane_deliveries waiting
             where waiting.consumer_group = lane.consumer_group and waiting.topic = lane.topic
               and waiting.kafka_partition = lane.kafka_partition and waiting.ordering_key = lane.ordering_key
               and position >= lane.head_position and position < lane.next_position
             order by position
             limit 1) as head on true
      where lane.consumer_group = $1 and lane.topic = $2 and lane.kafka_partition = $3 and lane.ordering_key = $4`,
    [consumerGroup, topic, partition, orderingKey],
  );
  const row = rows[0];
  if (!row) return null;
  const { state, attempts, records, last_error: lastError, due_at: dueAt, incarnation, kafka_offset: offset } = row;
  const { guid, event } = row;
  const empty = incarnation === null || offset === null || guid === null || event === null;
  return {
    state,
    generation: attempts,
    records: Number(records),
    lastError,
    dueAt,
    head: empty ? null : { incarnation, offset: BigInt(offset), guid, event },
  };
}
