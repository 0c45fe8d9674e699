import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import { identityKey, type Identity } from '../find-identities.ts';

export interface WaitingDelivery {
  orderingKey: string;
  /** Whether it is the next one of its lane. */
  isHead: boolean;
}

/**
 * Which of the identities wait in a lane of this partition, by {@link identityKey}; one round trip. The same body has
 * the same key and so the same partition: they wait nowhere else.
 */
export async function findWaiting(
  tx: Queryable,
  fence: Fence,
  identities: readonly Identity[],
): Promise<Map<string, WaitingDelivery>> {
  if (identities.length === 0) return new Map();
  const { rows } = await tx.query<{ n: string; ordering_key: string; is_head: boolean }>(
    `select asked.n, waiting.ordering_key, waiting.position = lane.head_position as is_head
       from unnest($4::uuid[], $5::bytea[], $6::text[]) with ordinality as asked (guid, digest, dedup_scope, n)
      cross join lateral (
            select ordering_key, position
              from hookline.lane_deliveries known
             where known.guid = asked.guid
               and known.digest = asked.digest
               and known.dedup_scope = asked.dedup_scope
               and consumer_group = $1 and topic = $2 and kafka_partition = $3
             limit 1) as waiting
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
    ],
  );
  return new Map(
    rows.map((row) => [
      identityKey(identities[Number(row.n) - 1] as Identity),
      { orderingKey: row.ordering_key, isHead: row.is_head },
    ]),
  );
}
