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

/** What died at a place of the log; null: nothing is kept of it. */
export async function readDeadPlace(
  tx: Queryable,
  fence: Fence,
  { incarnation, offset }: LogPlace,
): Promise<DeadPlaceState | null> {
  const { rows } = await tx.query<{
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
    `select ordering_key, source, dedup_scope, guid, digest, event, action, received_at,
            octet_length(body) as stored_bytes, letters.dead, letters.generation
       from hookline.dead_deliveries delivery
      cross join lateral (
            select array_agg(handler order by handler) as dead, max(generation) as generation
              from hookline.dead_letters letter
             where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = $3
               and letter.incarnation = $4 and letter.kafka_offset = $5 and letter.state = 'dead') as letters
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and incarnation = $4 and kafka_offset = $5`,
    [fence.consumerGroup, fence.topic, fence.partition, incarnation, offset],
  );
  const row = rows[0];
  return row
    ? {
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
      }
    : null;
}
