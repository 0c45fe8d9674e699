import type { LaneState } from '@hookline/contracts';
import type { Queryable } from '../database.ts';
import { LANE_HEAD } from '../lanes/head-sql.ts';
import { pageOf, type Page, type PageRequest } from './page.ts';

/** What a lane must be like; null: anything. */
export interface LaneFilter {
  orderingKey: string | null;
  state: Exclude<LaneState, 'none'> | null;
  partition: number | null;
}

/** A key that waits. */
export interface LaneView {
  consumerGroup: string;
  topic: string;
  partition: number;
  orderingKey: string;
  state: Exclude<LaneState, 'none'>;
  records: number;
  bytes: number;
  /** Of its head: tries that counted, processes that died of it, tries in a row that did not count. */
  attempts: number;
  kills: number;
  deferrals: number;
  lastError: string | null;
  dueAt: Date;
  openedAt: Date;
  /** The delivery that is next; null where the lane is empty. */
  head: { guid: string; event: string; action: string | null; incarnation: number; offset: bigint; run: string } | null;
}

interface Row extends Record<string, unknown> {
  consumer_group: string;
  topic: string;
  kafka_partition: number;
  ordering_key: string;
  state: Exclude<LaneState, 'none'>;
  records: string;
  bytes: string;
  attempts: number;
  kills: number;
  deferrals: number;
  last_error: string | null;
  due_at: Date;
  opened_at: Date;
  guid: string | null;
  event: string | null;
  action: string | null;
  incarnation: number | null;
  kafka_offset: string | null;
  run: string | null;
}

/** Lanes by topic, partition and key. */
export async function listLanes(
  database: Queryable,
  filter: LaneFilter,
  { limit, after }: PageRequest,
): Promise<Page<LaneView>> {
  const { rows } = await database.query<Row>(
    `select lane.*, head.*
       from (select consumer_group, topic, kafka_partition, ordering_key, state, records, bytes, attempts, kills,
                    deferrals, last_error, due_at, opened_at, head_position, next_position
               from hookline.lanes
              where ($1::text is null or (consumer_group, topic, kafka_partition, ordering_key) > ($1, $2, $3::integer, $4))
                and ($6::text is null or ordering_key = $6) and ($7::text is null or state = $7)
                and ($8::integer is null or kafka_partition = $8)
              order by consumer_group, topic, kafka_partition, ordering_key
              limit $5) as lane
       ${LANE_HEAD}
      order by consumer_group, topic, kafka_partition, ordering_key`,
    [...(after ?? [null, null, null, null]), limit + 1, filter.orderingKey, filter.state, filter.partition],
  );
  return pageOf(rows, limit, {
    view: lane,
    key: (row) => [row.consumer_group, row.topic, String(row.kafka_partition), row.ordering_key],
  });
}

function lane(row: Row): LaneView {
  return {
    consumerGroup: row.consumer_group,
    topic: row.topic,
    partition: row.kafka_partition,
    orderingKey: row.ordering_key,
    state: row.state,
    records: Number(row.records),
    bytes: Number(row.bytes),
    attempts: row.attempts,
    kills: row.kills,
    deferrals: row.deferrals,
    lastError: row.last_error,
    dueAt: row.due_at,
    openedAt: row.opened_at,
    head: row.guid === null ? null : headOf(row),
  };
}

function headOf(row: Row): LaneView['head'] {
  return {
    guid: row.guid as string,
    event: row.event as string,
    action: row.action,
    incarnation: row.incarnation as number,
    offset: BigInt(row.kafka_offset as string),
    run: row.run as string,
  };
}
