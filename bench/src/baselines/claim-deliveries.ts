import { newDelivery, keyOf } from '../load/deliveries.ts';
import type { MakePayload } from '../load/payloads.ts';

/** A delivery as a queue in PostgreSQL carries it: the payload as JSON, which is how its users hand it over. */
export interface QueuedDelivery {
  guid: string;
  digest: string;
  event: string;
  action: string | null;
  key: string;
  receivedAt: string;
  payload: unknown;
}

export function newQueued(repository: number, payloads: MakePayload): QueuedDelivery {
  const { guid, digest, event, action, body, receivedAt } = newDelivery(repository, payloads);
  return {
    guid,
    digest: Buffer.from(digest).toString('hex'),
    event,
    action,
    key: keyOf(repository),
    receivedAt: new Date(receivedAt).toISOString(),
    payload: JSON.parse(body.toString()),
  };
}

/** One table, one index: fewer than Hookline has, since a queue's users need no ranges and look for no replays. */
export const CLAIMS = `
  create schema bench;
  create table bench.claims (
    guid uuid not null, digest bytea not null, dedup_scope text not null, event text not null,
    claimed_at timestamptz not null default now(), primary key (guid, digest, dedup_scope))`;

/**
 * The dedup and the effect in one statement, for one delivery or a batch: an identity that is new is claimed, and counted
 * in the projection of its repository, the one that Hookline's processor keeps. In the order of keys, so that two at once
 * do not wait for each other.
 */
export const CLAIM_AND_COUNT = `
  with asked as (
         select * from unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
           with ordinality as asked (guid, digest, event, action, key, received_at, n)),
       fresh as (
         insert into bench.claims (guid, digest, dedup_scope, event)
         select guid, digest, 'main', event from asked on conflict do nothing returning guid),
       last as (
         select key, count(*) as deliveries, max(n) as n from asked join fresh using (guid) group by key)
  insert into hookline.repository_activity as activity
         (ordering_key, kafka_partition, deliveries, last_event, last_action, last_guid, last_offset, last_received_at)
  select key, 0, last.deliveries, event, action, guid, 0, received_at
    from last join asked using (key, n) order by key
      on conflict (ordering_key) do update
     set deliveries = activity.deliveries + excluded.deliveries,
         last_event = excluded.last_event,
         last_action = excluded.last_action,
         last_guid = excluded.last_guid,
         last_offset = excluded.last_offset,
         last_received_at = excluded.last_received_at`;

export function claimValues(deliveries: readonly QueuedDelivery[]): unknown[] {
  return [
    deliveries.map(({ guid }) => guid),
    deliveries.map(({ digest }) => Buffer.from(digest, 'hex')),
    deliveries.map(({ event }) => event),
    deliveries.map(({ action }) => action),
    deliveries.map(({ key }) => key),
    deliveries.map(({ receivedAt }) => receivedAt),
  ];
}
