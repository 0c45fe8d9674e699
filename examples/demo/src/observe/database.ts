import type { RecordDecision } from '@hookline/contracts';
import type { Database } from '@hookline/database';

/** What the audit says of one record of the log. */
export interface AuditRow {
  decision: RecordDecision;
  partition: number;
  offset: bigint;
  key: string;
  guid: string;
  /** Hex. */
  digest: string;
}

/** What the built-in handler has counted for one key. */
export interface Activity {
  deliveries: number;
  lastGuid: string;
  lastOffset: bigint;
}

/** All that the audit says of these GUIDs, in the order in which it was committed within each partition. */
export async function readAudit(database: Database, topic: string, guids: readonly string[]): Promise<AuditRow[]> {
  const { rows } = await database.query<Omit<AuditRow, 'offset'> & { offset: string }>(
    `select decision, kafka_partition as partition, kafka_offset as offset, ordering_key as key, guid,
            encode(digest, 'hex') as digest
       from hookline.audit_log
      where topic = $1 and guid = any($2::uuid[]) and stage <> 'effect'
      order by audit_id`,
    [topic, guids],
  );
  return rows.map((row) => ({ ...row, offset: BigInt(row.offset) }));
}

/** What the built-in handler has counted so far, by key. */
export async function readActivity(database: Database): Promise<Map<string, Activity>> {
  const { rows } = await database.query<{ key: string; deliveries: string; guid: string; offset: string }>(
    `select ordering_key as key, deliveries, last_guid as guid, last_offset as offset from hookline.repository_activity`,
  );
  return new Map(
    rows.map(({ key, deliveries, guid, offset }) => [
      key,
      { deliveries: Number(deliveries), lastGuid: guid, lastOffset: BigInt(offset) },
    ]),
  );
}

/** How far the processor is, by partition: the offset of the record that comes next. */
export async function readNextOffsets(database: Database, topic: string): Promise<Map<number, bigint>> {
  const { rows } = await database.query<{ partition: number; next: string }>(
    'select kafka_partition as partition, next_offset as next from hookline.partition_offsets where topic = $1',
    [topic],
  );
  return new Map(rows.map(({ partition, next }) => [partition, BigInt(next)]));
}
