import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import { identityKey, type ArrivingIdentity } from '../find-identities.ts';

/** An arrival whose event cannot be that of its payload. */
export interface Mismatch extends ArrivingIdentity {
  offset: bigint;
}

/**
 * Counts arrivals of payloads that are dead letters already for this very event, in this partition: one body is kept,
 * whatever the GUID, and a counter. One that was discarded is dead again, a generation on: the decision was about what had
 * come before. What is at or below the last place that was counted is read again, and is not counted
 * again. One round trip.
 *
 * @returns the payloads that are kept already, as `identityKey`s without a GUID: of the others the first is to be kept
 */
export async function countMismatches(
  tx: Queryable,
  fence: Fence,
  arrivals: readonly Mismatch[],
): Promise<Set<string>> {
  if (arrivals.length === 0) return new Set();
  const groups = [...Map.groupBy(arrivals, mismatchKey).values()].map((group) => ({
    first: group[0] as Mismatch,
    offsets: group.map(({ offset }) => offset),
  }));
  const { rows } = await tx.query<{ n: string }>(
    `with asked as materialized (
       select *
         from unnest($5::bytea[], $6::text[], $7::text[], $8::text[])
              with ordinality as arrival (digest, dedup_scope, event, offsets, n)
     ), kept as materialized (
       select asked.n, dead.incarnation, dead.kafka_offset, string_to_array(asked.offsets, ',')::bigint[] as offsets,
              coalesce(dead.seen_incarnation, dead.incarnation) as seen_incarnation,
              coalesce(dead.seen_offset, dead.kafka_offset) as seen_offset
         from asked
        cross join lateral (
              select known.incarnation, known.kafka_offset, known.seen_incarnation, known.seen_offset
                from hookline.dead_deliveries known
                join hookline.dead_letters letter
                  using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
               where known.digest = asked.digest and known.dedup_scope = asked.dedup_scope
                 and known.event = asked.event and known.body is not null and letter.reason = 'event-mismatch'
                 and consumer_group = $1 and topic = $2 and kafka_partition = $3
               limit 1) as dead
     ), fresh as materialized (
       select n, incarnation, kafka_offset, count(*) as more, max(place) as seen
         from kept cross join unnest(offsets) as place
        where (seen_incarnation, seen_offset) < ($4, place)
        group by n, incarnation, kafka_offset
     ), seen as (
       update hookline.dead_deliveries dead
          set seen_incarnation = $4, seen_offset = fresh.seen
         from fresh
        where dead.consumer_group = $1 and dead.topic = $2 and dead.kafka_partition = $3
          and dead.incarnation = fresh.incarnation and dead.kafka_offset = fresh.kafka_offset
     ), counted as (
       update hookline.dead_letters letter
          set occurrences = letter.occurrences + fresh.more, state = 'dead', settled_at = null,
              generation = letter.generation + case when letter.state = 'dead' then 0 else 1 end,
              dead_at = case when letter.state = 'dead' then letter.dead_at else now() end
         from fresh
        where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = $3
          and letter.incarnation = fresh.incarnation and letter.kafka_offset = fresh.kafka_offset
     )
     select n from kept`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      fence.incarnation,
      groups.map(({ first }) => first.digest),
      groups.map(({ first }) => first.dedupScope),
      groups.map(({ first }) => first.event),
      groups.map(({ offsets }) => offsets.join(',')),
    ],
  );
  return new Set(rows.map(({ n }) => mismatchKey((groups[Number(n) - 1] as (typeof groups)[number]).first)));
}

/** Equal for the arrivals of one payload under one event, whatever their GUID. */
export function mismatchKey(arrival: ArrivingIdentity): string {
  return `${identityKey({ ...arrival, guid: '' })}:${arrival.event}`;
}
