import type { OperatorDecision } from '@hookline/contracts';
import type { Queryable } from '../../database.ts';
import type { PartitionPlace } from '../../fence.ts';
import type { Eraser } from './erasure-targets.ts';

/** Of what was erased, what stays: its identity, and its place. */
export interface ErasedDelivery {
  incarnation: number;
  kafka_offset: string;
  ordering_key: string | null;
  source: string | null;
  dedup_scope: string | null;
  guid: string | null;
  digest: Buffer | null;
  event: string | null;
  received_at: Date | null;
  /** Of an effect. */
  effect_id?: string;
  handler?: string;
}

/** `source` and the rest of the columns of {@link ErasedDelivery}, as a verb returns them. */
export const ERASED_COLUMNS =
  'incarnation, kafka_offset, ordering_key, source, dedup_scope, guid, digest, event, received_at';

/** Appends one row per delivery to the audit: who has decided, why, by which run. One round trip. */
export async function writeErasure(
  tx: Queryable,
  { topic, partition }: PartitionPlace,
  epoch: bigint,
  decision: Extract<OperatorDecision, 'erased' | 'discarded'>,
  erased: readonly ErasedDelivery[],
  { actor, why, commandId }: Eraser,
): Promise<void> {
  if (erased.length === 0) return;
  await tx.query(
    `insert into hookline.audit_log
            (stage, decision, topic, kafka_partition, epoch, actor, detail, command_id,
             incarnation, kafka_offset, ordering_key, source, dedup_scope, guid, digest, event, received_at,
             effect_id, handler)
     select 'operator', $1, $2, $3, $4, $5, $6, $7, *
       from unnest($8::integer[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::uuid[], $14::bytea[],
                   $15::text[], $16::timestamptz[], $17::uuid[], $18::text[])`,
    [
      decision,
      topic,
      partition,
      epoch,
      actor,
      why,
      commandId,
      erased.map((one) => one.incarnation),
      erased.map((one) => one.kafka_offset),
      erased.map((one) => one.ordering_key),
      erased.map((one) => one.source),
      erased.map((one) => one.dedup_scope),
      erased.map((one) => one.guid),
      erased.map((one) => one.digest),
      erased.map((one) => one.event),
      erased.map((one) => one.received_at),
      erased.map((one) => one.effect_id ?? null),
      erased.map((one) => one.handler ?? null),
    ],
  );
}
