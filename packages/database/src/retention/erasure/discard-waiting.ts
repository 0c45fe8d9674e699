import type { Queryable } from '../../database.ts';
import type { PartitionPlace } from '../../fence.ts';
import type { ErasureTarget } from './erasure-targets.ts';
import { ERASED_COLUMNS, type ErasedDelivery } from './write-erasure.ts';

export type LaneTarget = Extract<ErasureTarget, { where: 'lane' }>;

/**
 * Removes deliveries from their lanes, under the lock of their partition, wherever in them they are, and claims them as
 * discarded: they do not run when they arrive again. Of a reset or a redrive the identity is claimed already; its letters
 * are discarded with its dead delivery. An empty lane is closed, unless it is held. A run that is under way finds other
 * rows than it has read, and rolls back.
 *
 * @returns what was removed
 */
export async function discardWaiting(
  tx: Queryable,
  place: PartitionPlace,
  targets: readonly LaneTarget[],
): Promise<ErasedDelivery[]> {
  const values = [place.consumerGroup, place.topic, place.partition];
  const { rows } = await tx.query<ErasedDelivery & Record<string, unknown>>(
    `with gone as (
       delete from hookline.lane_deliveries
        where consumer_group = $1 and topic = $2 and kafka_partition = $3
          and (ordering_key, position) in (select * from unnest($4::text[], $5::bigint[]))
       returning *
     ), counted as (
       update hookline.lanes lane
          set records = lane.records - less.records, bytes = lane.bytes - less.bytes
         from (select ordering_key, count(*) as records, sum(octet_length(body)) as bytes
                 from gone group by ordering_key) as less
        where lane.consumer_group = $1 and lane.topic = $2 and lane.kafka_partition = $3
          and lane.ordering_key = less.ordering_key
     ), claimed as (
       insert into hookline.processed_deliveries
              (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome)
       select guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, 'discarded'
         from gone
        where dead_offset is null
     )
     select ${ERASED_COLUMNS} from gone order by ordering_key, position`,
    [...values, targets.map(({ orderingKey }) => orderingKey), targets.map(({ position }) => position)],
  );
  await mendLanes(tx, values, [...new Set(targets.map(({ orderingKey }) => orderingKey))]);
  return rows;
}

/** Above every position of a lane. */
const ASIDE = 1_000_000_000_000_000n;

/**
 * Makes lanes whole again: a head that has gone takes its tries along, what is left stands without gaps before the next
 * position, and a lane that has nothing left is closed. Positions only rise: whoever has read them before finds fewer
 * records below its own than it has run, and none at the head's.
 */
async function mendLanes(tx: Queryable, values: readonly unknown[], orderingKeys: readonly string[]): Promise<void> {
  const lane =
    'lane.consumer_group = $1 and lane.topic = $2 and lane.kafka_partition = $3 and lane.ordering_key = any ($4)';
  const waiting = `waiting.consumer_group = lane.consumer_group and waiting.topic = lane.topic
        and waiting.kafka_partition = lane.kafka_partition and waiting.ordering_key = lane.ordering_key`;
  const given = [...values, orderingKeys];
  await tx.query(
    `update hookline.lanes lane
        set attempts = 0, kills = 0, deferrals = 0, last_error = null, due_at = now()
      where ${lane} and not exists (
            select from hookline.lane_deliveries waiting where ${waiting} and waiting.position = lane.head_position)`,
    given,
  );
  const { rowCount } = await tx.query(
    `update hookline.lane_deliveries waiting
        set position = waiting.position + ${ASIDE}
       from hookline.lanes lane
      where ${lane} and ${waiting} and lane.next_position - lane.head_position <> lane.records`,
    given,
  );
  if (rowCount > 0) {
    await tx.query(
      `update hookline.lane_deliveries waiting
          set position = lane.next_position - lane.records + numbered.nth - 1
         from hookline.lanes lane, (
              select consumer_group, topic, kafka_partition, ordering_key, position,
                     row_number() over (partition by ordering_key order by position) as nth
                from hookline.lane_deliveries
               where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = any ($4)
                 and position >= ${ASIDE}) as numbered
        where ${lane} and ${waiting} and waiting.position = numbered.position
          and waiting.ordering_key = numbered.ordering_key`,
      given,
    );
  }
  await tx.query(
    `update hookline.lanes lane
        set head_position = next_position - records,
            careful_until = case when careful_until > head_position then next_position else careful_until end
      where ${lane}`,
    given,
  );
  await tx.query(`delete from hookline.lanes lane where ${lane} and records = 0 and state = 'retrying'`, given);
}
