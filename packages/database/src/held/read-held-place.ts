import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';

/** What a held delivery is known by within its partition. */
export interface HeldName {
  digest: Buffer;
  dedupScope: string;
  event: string;
}

/** A held delivery, as a decision about it sees it. */
export interface HeldPlaceState extends HeldName {
  state: 'held' | 'released' | 'discarded';
  generation: number;
  orderingKey: string;
  guid: string;
  source: string;
  action: string | null;
  receivedAt: number;
  place: LogPlace;
  /** Bytes of its body, as stored; null: it is gone. */
  storedBytes: number | null;
}

/** The values of a statement that names one: $1 to $6. */
export function heldValues(fence: Fence, { digest, dedupScope, event }: HeldName): unknown[] {
  return [fence.consumerGroup, fence.topic, fence.partition, digest, dedupScope, event];
}

/** One held delivery, whatever its state; null: there was never one. */
export async function readHeldPlace(tx: Queryable, fence: Fence, name: HeldName): Promise<HeldPlaceState | null> {
  const { rows } = await tx.query<{
    state: HeldPlaceState['state'];
    generation: number;
    ordering_key: string;
    guid: string;
    source: string;
    action: string | null;
    received_at: Date;
    incarnation: number;
    kafka_offset: string;
    stored_bytes: number | null;
  }>(
    `select state, generation, ordering_key, guid, source, action, received_at, incarnation, kafka_offset,
            octet_length(body) as stored_bytes
       from hookline.held_deliveries
      where consumer_group = $1 and topic = $2 and kafka_partition = $3
        and digest = $4 and dedup_scope = $5 and event = $6`,
    heldValues(fence, name),
  );
  const row = rows[0];
  return row
    ? {
        ...name,
        state: row.state,
        generation: row.generation,
        orderingKey: row.ordering_key,
        guid: row.guid,
        source: row.source,
        action: row.action,
        receivedAt: row.received_at.getTime(),
        place: { incarnation: row.incarnation, offset: BigInt(row.kafka_offset) },
        storedBytes: row.stored_bytes,
      }
    : null;
}
