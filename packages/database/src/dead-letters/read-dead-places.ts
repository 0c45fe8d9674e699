import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';
import type { AuditedDelivery } from '../write-audit.ts';

/** A delivery that died, or a record that is none, as a decision about it sees it. */
export interface DeadPlaceState extends AuditedDelivery {
  /** Bytes of its body, as stored; null: it has none, or was erased. */
  storedBytes: number | null;
  /** Of its letters that are dead; null: of what no handler could be asked for. */
  dead: (string | null)[];
  /** The highest of those; 0 where none is dead. */
  generation: number;
}

/** What died at each of these places of the log, in their order; null: nothing is kept of it. One round trip. */
export async function readDeadPlaces(
  tx: Queryable,
  fence: Fence,
  places: readonly LogPlace[],
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
    dead: (string | null)[] | null;
    generation: number | null;
  }>(
    `select n, delivery.*, letters.dead, letters.generation
       from unnest($4::integer[], $5::bigint[]) with ordinality as asked (incarnation, kafka_offset, n)
      cross join lateral (
            select ordering_key, source, dedup_scope, guid, digest, event, action, received_at,
                   octet_length(body) as stored_bytes
              from hookline.dead_deliveries
             where consumer_group = $1 and topic = $2 and kafka_partition = $3
               and incarnation = asked.incarnation and kafka_offset = asked.kafka_offset
             limit 1) as delivery
      cross join lateral (
            select array_agg(handler order by handler) as dead, max(generation) as generation
              from hookline.dead_letters letter
             where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = $3
               and letter.incarnation = asked.incarnation and letter.kafka_offset = asked.kafka_offset
               and letter.state = 'dead') as letters`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      places.map(({ incarnation }) => incarnation),
      places.map(({ offset }) => offset),
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
      dead: row.dead ?? [],
      generation: row.generation ?? 0,
    };
  });
}
