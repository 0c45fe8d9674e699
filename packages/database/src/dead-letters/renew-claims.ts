import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';

/**
 * Claims dead deliveries at these places anew, as of now, as they are claimed; one round trip. For dead letters that are open
 * again: retention, which keeps the claim of what is open, may have looked while they were settled, and be about to
 * drop the range of the old one. Nothing where it is claimed in the range of now.
 */
export async function renewClaims(tx: Queryable, fence: Fence, places: readonly LogPlace[]): Promise<void> {
  if (places.length === 0) return;
  await tx.query(
    `insert into hookline.processed_deliveries
            (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome)
     select claim.guid, claim.digest, claim.dedup_scope, claim.event, claim.topic, claim.kafka_partition,
            claim.incarnation, claim.kafka_offset, claim.outcome
       from unnest($4::integer[], $5::bigint[]) as asked (incarnation, kafka_offset)
      cross join lateral (
            select guid, digest, dedup_scope
              from hookline.dead_deliveries
             where consumer_group = $1 and topic = $2 and kafka_partition = $3
               and incarnation = asked.incarnation and kafka_offset = asked.kafka_offset
             limit 1) as dead
      cross join lateral (
            select *
              from hookline.processed_deliveries known
             where known.guid = dead.guid and known.digest = dead.digest and known.dedup_scope = dead.dedup_scope
               and known.outcome = 'dead'
             limit 1) as claim
         on conflict do nothing`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      places.map(({ incarnation }) => incarnation),
      places.map(({ offset }) => offset),
    ],
  );
}
