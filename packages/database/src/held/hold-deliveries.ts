import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { storedBytes } from '../stored-body.ts';

/** A delivery that is not run until an operator has decided. */
export interface HeldArrival extends LoggedDelivery {
  /** `suspected-replay`: its payload is known under another GUID; `other-event`: its identity is, under another event. */
  reason: 'suspected-replay' | 'other-event';
  /** By which it is known. */
  known: { guid: string; event: string };
}

/**
 * Holds deliveries: one row, with the body of the first, for each payload and event, and a counter. One round trip. One that
 * comes after an operator's decision is held anew, a generation on, since then. Where the last arrival of a payload is at
 * or below the last place that was counted, they are records that are read again, and change nothing: who holds has looked,
 * so that a call has either such or others of a payload.
 */
export async function holdDeliveries(tx: Queryable, fence: Fence, arrivals: readonly HeldArrival[]): Promise<void> {
  const groups = Map.groupBy(
    arrivals,
    ({ delivery }) => `${delivery.digest.toString('base64')}:${delivery.dedupScope}:${delivery.event}`,
  );
  const firsts = [...groups.values()].map((group) => ({
    first: group[0] as HeldArrival,
    last: group.at(-1) as HeldArrival,
    count: group.length,
  }));
  if (firsts.length === 0) return;
  const bodies = firsts.map(({ first }) => storedBytes(first.delivery.body));
  await tx.query(
    `insert into hookline.held_deliveries as held
            (consumer_group, topic, kafka_partition, incarnation, seen_incarnation, dedup_scope, digest, event, reason,
             known_guid, known_event, arrivals, kafka_offset, seen_offset, appended_at, ordering_key, source, guid,
             action, repository_id, hook_id, received_at, headers, secret_label, body, body_encoding, body_bytes)
     select $1, $2, $3, $4, $4, *
       from unnest($5::text[], $6::bytea[], $7::text[], $8::text[], $9::uuid[], $10::text[], $11::bigint[],
                   $12::bigint[], $13::bigint[], $14::timestamptz[], $15::text[], $16::text[], $17::uuid[],
                   $18::text[], $19::text[], $20::text[], $21::timestamptz[], $22::jsonb[], $23::text[],
                   $24::bytea[], $25::text[], $26::integer[])
         on conflict (consumer_group, topic, kafka_partition, digest, dedup_scope, event)
         do update set arrivals = held.arrivals + excluded.arrivals, last_arrival_at = now(),
                       seen_incarnation = excluded.seen_incarnation, seen_offset = excluded.seen_offset,
                       state = 'held', settled_at = null,
                       generation = held.generation + case when held.state = 'held' then 0 else 1 end,
                       incarnation = case when held.state = 'held' then held.incarnation else excluded.incarnation end,
                       kafka_offset = case when held.state = 'held' then held.kafka_offset else excluded.kafka_offset end,
                       appended_at = case when held.state = 'held' then held.appended_at else excluded.appended_at end,
                       guid = case when held.state = 'held' then held.guid else excluded.guid end,
                       held_at = case when held.state = 'held' then held.held_at else now() end,
                       source = case when held.state = 'held' then held.source else excluded.source end,
                       hook_id = case when held.state = 'held' then held.hook_id else excluded.hook_id end,
                       secret_label = case when held.state = 'held' then held.secret_label else excluded.secret_label end,
                       reason = case when held.state = 'held' then held.reason else excluded.reason end,
                       known_guid = case when held.state = 'held' then held.known_guid else excluded.known_guid end,
                       known_event = case when held.state = 'held' then held.known_event else excluded.known_event end,
                       received_at = case when held.state = 'held' then held.received_at else excluded.received_at end,
                       headers = case when held.state = 'held' then held.headers else excluded.headers end,
                       body = coalesce(held.body, excluded.body),
                       body_encoding = coalesce(held.body_encoding, excluded.body_encoding),
                       body_bytes = coalesce(held.body_bytes, excluded.body_bytes)
          where (held.seen_incarnation, held.seen_offset) < (excluded.seen_incarnation, excluded.seen_offset)`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      fence.incarnation,
      firsts.map(({ first }) => first.delivery.dedupScope),
      firsts.map(({ first }) => first.delivery.digest),
      firsts.map(({ first }) => first.delivery.event),
      firsts.map(({ first }) => first.reason),
      firsts.map(({ first }) => first.known.guid),
      firsts.map(({ first }) => first.known.event),
      firsts.map(({ count }) => count),
      firsts.map(({ first }) => first.offset),
      firsts.map(({ last }) => last.offset),
      firsts.map(({ first }) => new Date(first.time)),
      firsts.map(({ first }) => first.orderingKey),
      firsts.map(({ first }) => first.delivery.source),
      firsts.map(({ first }) => first.delivery.guid),
      firsts.map(({ first }) => first.delivery.action),
      firsts.map(({ first }) => first.delivery.repositoryId),
      firsts.map(({ first }) => first.delivery.hookId),
      firsts.map(({ first }) => new Date(first.delivery.receivedAt)),
      firsts.map(({ first }) => JSON.stringify(first.delivery.headers)),
      firsts.map(({ first }) => first.delivery.secretLabel),
      bodies.map(({ bytes }) => bytes),
      bodies.map(({ encoding }) => encoding),
      firsts.map(({ first }) => first.delivery.body.length),
    ],
  );
}
