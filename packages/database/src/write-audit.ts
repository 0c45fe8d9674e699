import type {
  DeliveryFlag,
  EffectDecision,
  LaneDecision,
  OperatorDecision,
  PartitionDecision,
  RecordDecision,
} from '@hookline/contracts';
import {
  bigintArray,
  byteaArray,
  integerArray,
  textArray,
  timestamptzArray,
  uuidArray,
} from './arrays/typed-arrays.ts';
import type { Queryable } from './database.ts';
import { storableText } from './storable-text.ts';
import { prepared } from './prepared.ts';

/** What the audit says of a delivery. Null, all of it, where there is none. */
export interface AuditedDelivery {
  orderingKey: string | null;
  source: string | null;
  dedupScope: string | null;
  guid: string | null;
  digest: Buffer | null;
  event: string | null;
  action: string | null;
  /** When ingest had read it, milliseconds since the Unix epoch. */
  receivedAt: number | null;
}

/** For a record that is no delivery, and for decisions about a whole partition. */
export const NO_DELIVERY: AuditedDelivery = {
  orderingKey: null,
  source: null,
  dedupScope: null,
  guid: null,
  digest: null,
  event: null,
  action: null,
  receivedAt: null,
};

/**
 * A decision: about a record when it is read (stage `log`, exactly one per record), about a delivery in its lane, about a
 * partition, about an effect, or what an operator's command has done.
 */
export type AuditEntry = AuditedDelivery & {
  topic: string;
  partition: number;
  incarnation: number;
  offset: bigint;
  epoch: bigint;
  /** The handler that a `dead-lettered` or `retried` is about. */
  handler?: string | null;
  attempt?: number | null;
  detail?: string | null;
  /** Who decided, where a human did, and by which command. */
  actor?: string | null;
  commandId?: string | null;
  flags?: readonly DeliveryFlag[];
  /** Of the delivery, where it has one: its key may be that of an owner. */
  repositoryId?: string | null;
  /** The effect that it is about. */
  effectId?: string | null;
} & (
    | { stage: 'log'; decision: RecordDecision }
    | { stage: 'lane'; decision: LaneDecision }
    | { stage: 'partition'; decision: PartitionDecision }
    | { stage: 'operator'; decision: OperatorDecision }
    | { stage: 'effect'; decision: EffectDecision }
  );

const MAX_DETAIL_BYTES = 4096;

const APPEND = prepared(
  `insert into hookline.audit_log
          (stage, decision, topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source,
           dedup_scope, guid, digest, event, action, received_at, handler, attempt, detail, actor, command_id,
           flags, repository_id, effect_id)
   select stage, decision, topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source,
          dedup_scope, guid, digest, event, action, received_at, handler, attempt, detail, actor, command_id,
          string_to_array(flags, ' '), repository_id, effect_id
     from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::bigint[], $7::bigint[],
                 $8::text[], $9::text[], $10::text[], $11::uuid[], $12::bytea[], $13::text[], $14::text[],
                 $15::timestamptz[], $16::text[], $17::integer[], $18::text[], $19::text[], $20::uuid[],
                 $21::text[], $22::text[], $23::uuid[])
          with ordinality as entry (stage, decision, topic, kafka_partition, incarnation, kafka_offset, epoch,
                                    ordering_key, source, dedup_scope, guid, digest, event, action, received_at,
                                    handler, attempt, detail, actor, command_id, flags, repository_id, effect_id,
                                    n)
    order by n`,
);

/** Appends one row per entry, numbered in the order of `entries`; one round trip. Details are cut at 4 KiB. */
export async function writeAudit(tx: Queryable, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(APPEND, [
    textArray(entries.map((entry) => entry.stage)),
    textArray(entries.map((entry) => entry.decision)),
    textArray(entries.map((entry) => entry.topic)),
    integerArray(entries.map((entry) => entry.partition)),
    integerArray(entries.map((entry) => entry.incarnation)),
    bigintArray(entries.map((entry) => entry.offset)),
    bigintArray(entries.map((entry) => entry.epoch)),
    textArray(entries.map((entry) => entry.orderingKey)),
    textArray(entries.map((entry) => entry.source)),
    textArray(entries.map((entry) => entry.dedupScope)),
    uuidArray(entries.map((entry) => entry.guid)),
    byteaArray(entries.map((entry) => entry.digest)),
    textArray(entries.map((entry) => entry.event)),
    textArray(entries.map((entry) => entry.action)),
    timestamptzArray(entries.map((entry) => entry.receivedAt)),
    textArray(entries.map((entry) => entry.handler)),
    integerArray(entries.map((entry) => entry.attempt)),
    textArray(
      entries.map(({ detail }) => (typeof detail === 'string' ? storableText(detail, MAX_DETAIL_BYTES) : null)),
    ),
    textArray(entries.map((entry) => entry.actor)),
    uuidArray(entries.map((entry) => entry.commandId)),
    textArray(entries.map(({ flags }) => (flags ?? []).join(' '))),
    textArray(entries.map((entry) => entry.repositoryId)),
    uuidArray(entries.map((entry) => entry.effectId)),
  ]);
}
