import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { LANE_HEAD } from '../lanes/head-sql.ts';

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
       ${LANE_HEAD}
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
