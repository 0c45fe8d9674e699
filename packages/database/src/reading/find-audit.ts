import type { Queryable } from '../database.ts';

/** A decision about a delivery, as the audit has it. */
export interface AuditView {
  auditId: bigint;
  recordedAt: Date;
  stage: 'log' | 'lane' | 'partition' | 'operator' | 'effect';
  decision: string;
  flags: string[];
  topic: string;
  partition: number;
  incarnation: number;
  offset: bigint;
  epoch: bigint;
  orderingKey: string | null;
  source: string | null;
  dedupScope: string | null;
  digest: Buffer | null;
  event: string | null;
  action: string | null;
  receivedAt: Date | null;
  handler: string | null;
  attempt: number | null;
  detail: string | null;
  actor: string | null;
  commandId: string | null;
  effectId: string | null;
}

interface Row extends Record<string, unknown> {
  audit_id: string;
  recorded_at: Date;
  stage: AuditView['stage'];
  decision: string;
  flags: string[];
  topic: string;
  kafka_partition: number;
  incarnation: number;
  kafka_offset: string;
  epoch: string;
  ordering_key: string | null;
  source: string | null;
  dedup_scope: string | null;
  digest: Buffer | null;
  event: string | null;
  action: string | null;
  received_at: Date | null;
  handler: string | null;
  attempt: number | null;
  detail: string | null;
  actor: string | null;
  command_id: string | null;
  effect_id: string | null;
}

/** What was decided about the deliveries with this GUID, in the order in which it was; the first `limit` of it. */
export async function findAudit(database: Queryable, guid: string, limit: number): Promise<AuditView[]> {
  const { rows } = await database.query<Row>(
    `select audit_id, recorded_at, stage, decision, flags, topic, kafka_partition, incarnation, kafka_offset, epoch,
            ordering_key, source, dedup_scope, digest, event, action, received_at, handler, attempt, detail, actor,
            command_id, effect_id
       from hookline.audit_log
      where guid = $1
      order by audit_id
      limit $2`,
    [guid, limit],
  );
  return rows.map((row) => ({
    auditId: BigInt(row.audit_id),
    recordedAt: row.recorded_at,
    stage: row.stage,
    decision: row.decision,
    flags: row.flags,
    topic: row.topic,
    partition: row.kafka_partition,
    incarnation: row.incarnation,
    offset: BigInt(row.kafka_offset),
    epoch: BigInt(row.epoch),
    orderingKey: row.ordering_key,
    source: row.source,
    dedupScope: row.dedup_scope,
    digest: row.digest,
    event: row.event,
    action: row.action,
    receivedAt: row.received_at,
    handler: row.handler,
    attempt: row.attempt,
    detail: row.detail,
    actor: row.actor,
    commandId: row.command_id,
    effectId: row.effect_id,
  }));
}
