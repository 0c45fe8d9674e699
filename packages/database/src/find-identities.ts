import { byteaArray, textArray, uuidArray } from './arrays/typed-arrays.ts';
import type { Queryable } from './database.ts';
import type { Fence } from './fence.ts';
import { prepared } from './prepared.ts';

/** What makes two arrivals the same delivery. */
export interface Identity {
  dedupScope: string;
  /** UUID, lower case. */
  guid: string;
  /** SHA-256 of the payload, 32 bytes. */
  digest: Buffer;
}

/** An identity, under the event by which it arrives. */
export interface ArrivingIdentity extends Identity {
  event: string;
}

/** One string per identity, equal exactly for equal ones. */
export function identityKey(identity: Identity): string {
  return `${identity.guid}:${identity.digest.toString('base64')}:${identity.dedupScope}`;
}

/** A place in a log: which of the topic's logs, and where. */
export interface LogPlace {
  incarnation: number;
  offset: bigint;
}

/** How a claimed delivery ended. A dead one may have run again since. */
export type ClaimOutcome = 'processed' | 'dead' | 'discarded';

/** What the claims and what is held say of an arriving identity. Null, each part of it, where they say nothing. */
export interface KnownIdentity {
  claim: {
    outcome: ClaimOutcome;
    event: string;
    /** Null where it was claimed in another partition or topic: no place of it can be compared with one of ours. */
    place: LogPlace | null;
  } | null;
  /** The same payload, held under this event, now or once. `seen`: the last record that was counted. */
  held: { guid: string; seen: LogPlace } | null;
  /** The same payload, known under another GUID: claimed, or held; under the same event, if under any. */
  twin: { guid: string; event: string } | null;
  /** The GUID is claimed with another payload. */
  reusedGuid: boolean;
}

interface Row {
  n: string;
  outcome: ClaimOutcome | null;
  event: string | null;
  claim_incarnation: number | null;
  claim_offset: string | null;
  held_guid: string | null;
  seen_incarnation: number | null;
  seen_offset: string | null;
  twin_guid: string | null;
  twin_event: string | null;
  reused: boolean;
}

const FIND = prepared(
  `select asked.n, claim.outcome, claim.event, claim.incarnation as claim_incarnation,
          claim.kafka_offset as claim_offset, held.guid as held_guid, held.seen_incarnation, held.seen_offset,
          nearest.guid as twin_guid, nearest.event as twin_event,
          reused.yes is not null as reused
     from (select one.*
             from unnest($4::uuid[], $5::bytea[], $6::text[], $7::text[]) with ordinality
                  as one (guid, digest, dedup_scope, event, n)
             left join lateral (
                  select true as yes
                    from hookline.processed_deliveries known
                   where known.digest = one.digest and known.dedup_scope = one.dedup_scope
                   limit 1) as claimed_payload on true
             left join lateral (
                  select true as yes
                    from hookline.held_deliveries known
                   where consumer_group = $1 and topic = $2 and kafka_partition = $3
                     and known.digest = one.digest and known.dedup_scope = one.dedup_scope
                   limit 1) as held_payload on true
             left join lateral (
                  select true as yes
                    from hookline.processed_deliveries known
                   where known.guid = one.guid and known.dedup_scope = one.dedup_scope
                   limit 1) as claimed_guid on true
            where claimed_payload.yes or held_payload.yes or claimed_guid.yes
           offset 0) as asked
     left join lateral (
          select outcome, event,
                 case when topic = $2 and kafka_partition = $3 then incarnation end as incarnation, kafka_offset
            from hookline.processed_deliveries known
           where known.guid = asked.guid
             and known.digest = asked.digest
             and known.dedup_scope = asked.dedup_scope
           limit 1) as claim on true
     left join lateral (
          select guid, seen_incarnation, seen_offset
            from hookline.held_deliveries known
           where consumer_group = $1 and topic = $2 and kafka_partition = $3
             and known.digest = asked.digest
             and known.dedup_scope = asked.dedup_scope
             and known.event = asked.event
           limit 1) as held on true
     left join lateral (
          select guid, event
            from hookline.processed_deliveries known
           where known.digest = asked.digest
             and known.dedup_scope = asked.dedup_scope
             and known.guid <> asked.guid
             and claim.outcome is null
           limit 1) as twin on true
     left join lateral (
          select guid, event
            from hookline.processed_deliveries known
           where known.digest = asked.digest
             and known.dedup_scope = asked.dedup_scope
             and known.guid <> asked.guid
             and known.event = asked.event
             and twin.event <> asked.event
           limit 1) as same_event on true
     left join lateral (
          select guid, event
            from hookline.held_deliveries known
           where consumer_group = $1 and topic = $2 and kafka_partition = $3
             and known.digest = asked.digest
             and known.dedup_scope = asked.dedup_scope
             and known.guid <> asked.guid
             and claim.outcome is null
           order by known.event = asked.event desc
           limit 1) as held_twin on true
     left join lateral (
          select guid, event
            from (values (twin.guid, twin.event), (same_event.guid, same_event.event),
                         (held_twin.guid, held_twin.event)) as known (guid, event)
           where guid is not null
           order by known.event = asked.event desc
           limit 1) as nearest on true
     left join lateral (
          select true as yes
            from hookline.processed_deliveries known
           where known.guid = asked.guid
             and known.dedup_scope = asked.dedup_scope
             and known.digest <> asked.digest
             and claim.outcome is null
           limit 1) as reused on true
    where claim.outcome is not null or held.guid is not null or nearest.guid is not null or reused.yes`,
);

/**
 * What is known of identities, by their index, over all live ranges; one round trip. Nothing of an index: it is new.
 *
 * Read under the fence: the same payload has the same key and so the same partition, so that nobody else can claim or
 * hold it before COMMIT. A GUID with another payload can be another partition's, and is only flagged.
 *
 * Lateral look-ups with `limit 1` and not joins: they can only be planned as one index probe per range each, whatever the
 * planner believes about how many rows there are. Nearly all that comes is new: whether anything is known of the payload or
 * the GUID is asked first, and what exactly only where something is; `offset 0` keeps that order. Twins and reused GUIDs
 * are looked for only where there is no claim, and a twin of the same event only where one of another was found.
 */
export async function findIdentities(
  tx: Queryable,
  { consumerGroup, topic, partition }: Pick<Fence, 'consumerGroup' | 'topic' | 'partition'>,
  identities: readonly ArrivingIdentity[],
): Promise<Map<number, KnownIdentity>> {
  if (identities.length === 0) return new Map();
  const { rows } = await tx.query<Row & Record<string, unknown>>(FIND, [
    consumerGroup,
    topic,
    partition,
    uuidArray(identities.map((identity) => identity.guid)),
    byteaArray(identities.map((identity) => identity.digest)),
    textArray(identities.map((identity) => identity.dedupScope)),
    textArray(identities.map((identity) => identity.event)),
  ]);
  return new Map(rows.map((row) => [Number(row.n) - 1, known(row)]));
}

function known(row: Row): KnownIdentity {
  return {
    claim: row.outcome && {
      outcome: row.outcome,
      event: row.event as string,
      place: place(row.claim_incarnation, row.claim_offset),
    },
    held:
      row.held_guid === null
        ? null
        : {
            guid: row.held_guid,
            seen: place(row.seen_incarnation, row.seen_offset) as LogPlace,
          },
    twin: row.twin_guid === null ? null : { guid: row.twin_guid, event: row.twin_event as string },
    reusedGuid: row.reused,
  };
}

function place(incarnation: number | null, offset: string | null): LogPlace | null {
  return incarnation === null || offset === null ? null : { incarnation, offset: BigInt(offset) };
}
