import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { ArrivingIdentity, LogPlace } from '../find-identities.ts';

/** A delivery that waits, with the payload that was asked for. */
export interface WaitingDelivery {
  /** Of the identity that was asked for. */
  index: number;
  guid: string;
  event: string;
  orderingKey: string;
  place: LogPlace;
  /** Whether it is the next one of its lane. */
  isHead: boolean;
}

/**
 * What waits in the lanes of this partition with the payloads of these identities; one round trip. The same payload has
 * the same key and so the same partition: it waits nowhere else. Of each payload the same GUID, if it waits, and one other;
 * of each of them one under the same event, if there is any: an event header is not signed, and can be forged.
 */
export async function findWaiting(
  tx: Queryable,
  fence: Fence,
  identities: readonly ArrivingIdentity[],
): Promise<WaitingDelivery[]> {
  if (identities.length === 0) return [];
  const { rows } = await tx.query<{
    n: string;
    guid: string;
    event: string;
    ordering_key: string;
    incarnation: number;
    kafka_offset: string;
    is_head: boolean;
  }>(
    `select asked.n, waiting.guid, waiting.event, waiting.ordering_key, waiting.incarnation, waiting.kafka_offset,
            waiting.position = lane.head_position as is_head
       from unnest($4::uuid[], $5::bytea[], $6::text[], $7::text[]) with ordinality as asked (guid, digest, dedup_scope, event, n)
      cross join lateral (
            (select guid, event, ordering_key, incarnation, kafka_offset, position
               from hookline.lane_deliveries known
              where known.digest = asked.digest
                and known.dedup_scope = asked.dedup_scope
                and known.guid = asked.guid
                and consumer_group = $1 and topic = $2 and kafka_partition = $3
              order by known.event = asked.event desc, position
              limit 1)
            union all
            (select *
               from ((select guid, event, ordering_key, incarnation, kafka_offset, position
                        from hookline.lane_deliveries known
                       where known.digest = asked.digest
                         and known.dedup_scope = asked.dedup_scope
                         and known.guid <> asked.guid
                         and known.event = asked.event
                         and consumer_group = $1 and topic = $2 and kafka_partition = $3
                       limit 1)
                     union all
                     (select guid, event, ordering_key, incarnation, kafka_offset, position
                        from hookline.lane_deliveries known
                       where known.digest = asked.digest
                         and known.dedup_scope = asked.dedup_scope
                         and known.guid <> asked.guid
                         and consumer_group = $1 and topic = $2 and kafka_partition = $3
                       limit 1)) as twin
              order by twin.event = asked.event desc
              limit 1)) as waiting
      cross join lateral (
            select head_position
              from hookline.lanes
             where consumer_group = $1 and topic = $2 and kafka_partition = $3
               and ordering_key = waiting.ordering_key
             limit 1) as lane`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      identities.map((identity) => identity.guid),
      identities.map((identity) => identity.digest),
      identities.map((identity) => identity.dedupScope),
      identities.map((identity) => identity.event),
    ],
  );
  return rows.map((row) => ({
    index: Number(row.n) - 1,
    guid: row.guid,
    event: row.event,
    orderingKey: row.ordering_key,
    place: { incarnation: row.incarnation, offset: BigInt(row.kafka_offset) },
    isHead: row.is_head,
  }));
}
