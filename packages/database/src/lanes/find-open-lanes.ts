import { textArray } from '../arrays/typed-arrays.ts';
import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import { prepared } from '../prepared.ts';

/** A key that waits. */
export interface OpenLane {
  orderingKey: string;
  /** `held`: it waits for an operator, and is not run. */
  state: 'retrying' | 'held';
  records: number;
  /** Of the bodies, as they are stored. */
  bytes: number;
  nextPosition: bigint;
}

const FIND = prepared(
  `select lane.*
     from unnest($4::text[]) as asked (ordering_key)
    cross join lateral (
          select ordering_key, state, records, bytes, next_position
            from hookline.lanes
           where consumer_group = $1 and topic = $2 and kafka_partition = $3
             and ordering_key = asked.ordering_key
           limit 1) as lane`,
);

/** Which of the keys have a lane, by key; one round trip. A lateral look-up, so that it is one index probe per key. */
export async function findOpenLanes(
  tx: Queryable,
  fence: Fence,
  orderingKeys: readonly string[],
): Promise<Map<string, OpenLane>> {
  if (orderingKeys.length === 0) return new Map();
  const { rows } = await tx.query<{
    ordering_key: string;
    state: OpenLane['state'];
    records: string;
    bytes: string;
    next_position: string;
  }>(FIND, [fence.consumerGroup, fence.topic, fence.partition, textArray(orderingKeys)]);
  return new Map(
    rows.map((row) => [
      row.ordering_key,
      {
        orderingKey: row.ordering_key,
        state: row.state,
        records: Number(row.records),
        bytes: Number(row.bytes),
        nextPosition: BigInt(row.next_position),
      },
    ]),
  );
}
