import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';
import type { AuditedDelivery } from '../write-audit.ts';

/** What a decision is about: the letters of a place that are in this state. */
export interface DecidedPlace extends LogPlace {
  state: 'dead' | 'discarded';
}

/** A delivery that died, or a record that is none, as a decision about it sees it. */
export interface DeadPlaceState extends AuditedDelivery {
  /** Bytes of its body, as stored; null: it has none, or was erased. */
  storedBytes: number | null;
  /** Of its letters that are in that state; null: of what no handler could be asked for. */
  handlers: (string | null)[];
  /** The highest of those; 0 where none is. */
  generation: number;
  /**
   * Of what was discarded: its claim is there still, and nothing of it has died later. A claim of what is settled goes with
   * its range, and whoever comes then runs every handler anew. Always so of what is dead.
   */
  isKnown: boolean;
}

/** What died at each of these places of the log, in their order; null: nothing is kept of it. One round trip. */
export async function readDeadPlaces(
  tx: Queryable,
  fence: Fence,
  places: readonly DecidedPlace[],
): Promise<(DeadPlaceState | null)[]> {
  if (places.length === 0) return [];
  const { rows } = await tx.query<{
    n: string;
    ordering_key: string | null;
    source: string | null;
    dedup_scope: string | null;
    guid: string | null;
    digest: Buffer | null;
    event: string | null;
    action: string | null;
    received_at: Date | null;
    stored_bytes: number | null;
    handlers: (string | null)[] | null;
    generation: number | null;
    is_known: boolean;
  }>(
    `select n, delivery.*, letters.handlers, letters.generation,
            case asked.state when 'dead' then true else
              exists (
                    select from hookline.processed_deliveries claim
                     where claim.guid = delivery.guid and claim.digest = delivery.digest
                       and claim.dedup_scope = delivery.dedup_scope
                       and (claim.outcome = 'dead' or claim.event <> delivery.event))
              and not exists (
                    select from hookline.dead_deliveries later
                     where later.guid = delivery.guid and later.digest = delivery.digest
                       and later.dedup_scope = delivery.dedup_scope and later.event = delivery.event
                       and later.consumer_group = $1 and later.topic = $2 and later.kafka_partition = $3
                       and (later.incarnation, later.kafka_offset) > (asked.incarnation, asked.kafka_offset))
            end as is_known
       from unnest($4::integer[], $5::bigint[], $6::text[]) with ordinality
            as asked (incarnation, kafka_offset, state, n)
      cross join lateral (
            select ordering_key, source, dedup_scope, guid, digest, event, action, received_at,
                   octet_length(body) as stored_bytes
              from hookline.dead_deliveries
             where consumer_group = $1 and topic = $2 and kafka_partition = $3
               and incarnation = asked.incarnation and kafka_offset = asked.kafka_offset
             limit 1) as delivery
      cross join lateral (
            select array_agg(handler order by handler) as handlers, max(generation) as generation
              from hookline.dead_letters letter
             where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = $3
               and letter.incarnation = asked.incarnation and letter.kafka_offset = asked.kafka_offset
               and letter.state = asked.state) as letters`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      places.map(({ incarnation }) => incarnation),
      places.map(({ offset }) => offset),
      places.map(({ state }) => state),
    ],
  );
  const byPlace = new Map(rows.map((row) => [Number(row.n) - 1, row]));
  return places.map((_, index) => {
    const row = byPlace.get(index);
    if (!row) return null;
    return {
      orderingKey: row.ordering_key,
      source: row.source,
      dedupScope: row.dedup_scope,
      guid: row.guid,
      digest: row.digest,
      event: row.event,
      action: row.action,
      receivedAt: row.received_at?.getTime() ?? null,
      storedBytes: row.stored_bytes,
      handlers: row.handlers ?? [],
      generation: row.generation ?? 0,
      isKnown: row.is_known,
    };
  });
}
