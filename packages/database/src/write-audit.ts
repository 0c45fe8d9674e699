import type { RecordDecision } from '@hookline/contracts';
import type { Queryable } from './database.ts';
import type { Claim } from './claim-identities.ts';

/** What became of one record of the log. */
export interface AuditEntry extends Claim {
  decision: RecordDecision;
  epoch: bigint;
  orderingKey: string;
  source: string;
  action: string | null;
  /** When ingest had read it, milliseconds since the Unix epoch. */
  receivedAt: number;
}

/** Appends one row per record, numbered in the order of `entries`; one round trip. */
export async function writeAudit(tx: Queryable, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(
    `insert into hookline.audit_log
            (decision, topic, kafka_partition, kafka_offset, epoch, ordering_key, source, dedup_scope, guid, digest,
             event, action, received_at)
     select decision, topic, kafka_partition, kafka_offset, epoch, ordering_key, source, dedup_scope, guid, digest,
            event, action, received_at
       from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
                   $8::text[], $9::uuid[], $10::bytea[], $11::text[], $12::text[], $13::timestamptz[])
            with ordinality as entry (decision, topic, kafka_partition, kafka_offset, epoch, ordering_key, source,
                                      dedup_scope, guid, digest, event, action, received_at, n)
      order by n`,
    [
      entries.map((entry) => entry.decision),
      entries.map((entry) => entry.topic),
      entries.map((entry) => entry.partition),
      entries.map((entry) => entry.offset),
      entries.map((entry) => entry.epoch),
      entries.map((entry) => entry.orderingKey),
      entries.map((entry) => entry.source),
      entries.map((entry) => entry.dedupScope),
      entries.map((entry) => entry.guid),
      entries.map((entry) => entry.digest),
      entries.map((entry) => entry.event),
      entries.map((entry) => entry.action),
      entries.map((entry) => new Date(entry.receivedAt)),
    ],
  );
}
