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
  await settleHeads(tx, values, [...new Set(targets.map(({ orderingKey }) => orderingKey))]);
  return rows;
}

/** A lane whose head has gone has a new one, that was never tried; one that has nothing left is closed. */
async function settleHeads(tx: Queryable, values: readonly unknown[], orderingKeys: readonly string[]): Promise<void> {
  await tx.query(
    `update hookline.lanes lane
        set head_position = head.position, attempts = 0, kills = 0, deferrals = 0, last_error = null, due_at = now()
       from (select open.ordering_key,
                    coalesce((select min(position)
                                from hookline.lane_deliveries waiting
                               where waiting.consumer_group = $1 and waiting.topic = $2
                                 and waiting.kafka_partition = $3 and waiting.ordering_key = open.ordering_key
                                 and waiting.position >= open.head_position),
                             open.next_position) as position
               from hookline.lanes open
              where open.consumer_group = $1 and open.topic = $2 and open.kafka_partition = $3
                and open.ordering_key = any ($4)) as head
      where lane.consumer_group = $1 and lane.topic = $2 and lane.kafka_partition = $3
        and lane.ordering_key = head.ordering_key and lane.head_position <> head.position`,
    [...values, orderingKeys],
  );
  await tx.query(
    `delete from hookline.lanes
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = any ($4)
        and records = 0 and state = 'retrying'`,
    [...values, orderingKeys],
  );
}
