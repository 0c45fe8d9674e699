import { readBody, type StoredBody } from '../stored-body.ts';

/** A delivery as a table keeps it. Null where it is a record that is no delivery, or was erased. */
export interface StoredDelivery {
  consumerGroup: string;
  topic: string;
  partition: number;
  incarnation: number;
  offset: bigint;
  appendedAt: Date;
  orderingKey: string | null;
  source: string | null;
  dedupScope: string | null;
  guid: string | null;
  digest: Buffer | null;
  event: string | null;
  action: string | null;
  repositoryId: string | null;
  hookId: string | null;
  receivedAt: Date | null;
  headers: Record<string, string> | null;
  secretLabel: string | null;
  /** Of the body as it arrived; null where that is not known. */
  bodyBytes: number | null;
  /** Byte for byte as it arrived; absent where it was not asked for, null where there is none. */
  body?: Buffer | null;
}

export interface StoredRow extends Record<string, unknown> {
  consumer_group: string;
  topic: string;
  kafka_partition: number;
  incarnation: number;
  kafka_offset: string;
  appended_at: Date;
  ordering_key: string | null;
  source: string | null;
  dedup_scope: string | null;
  guid: string | null;
  digest: Buffer | null;
  event: string | null;
  action: string | null;
  repository_id: string | null;
  hook_id: string | null;
  received_at: Date | null;
  headers: Record<string, string> | null;
  secret_label: string | null;
  body_bytes: number | null;
  body?: Buffer | null;
  body_encoding?: StoredBody['encoding'] | null;
}

const COLUMNS = [
  'consumer_group',
  'topic',
  'kafka_partition',
  'incarnation',
  'kafka_offset',
  'appended_at',
  'ordering_key',
  'source',
  'dedup_scope',
  'guid',
  'digest',
  'event',
  'action',
  'repository_id',
  'hook_id',
  'received_at',
  'headers',
  'secret_label',
  'body_bytes',
];

/** The columns of a delivery, the same in every table that keeps one; bodies only where they are asked for. */
export function storedColumns(table: string, withBody = false): string {
  return [...COLUMNS, ...(withBody ? ['body', 'body_encoding'] : [])].map((column) => `${table}.${column}`).join(', ');
}

export function storedDelivery(row: StoredRow): StoredDelivery {
  return {
    consumerGroup: row.consumer_group,
    topic: row.topic,
    partition: row.kafka_partition,
    incarnation: row.incarnation,
    offset: BigInt(row.kafka_offset),
    appendedAt: row.appended_at,
    orderingKey: row.ordering_key,
    source: row.source,
    dedupScope: row.dedup_scope,
    guid: row.guid,
    digest: row.digest,
    event: row.event,
    action: row.action,
    repositoryId: row.repository_id,
    hookId: row.hook_id,
    receivedAt: row.received_at,
    headers: row.headers,
    secretLabel: row.secret_label,
    bodyBytes: row.body_bytes,
    ...(row.body !== undefined && { body: bodyOf(row) }),
  };
}

function bodyOf({ body, body_encoding: encoding, body_bytes: size }: StoredRow): Buffer | null {
  return body && encoding ? readBody({ encoding, bytes: body }, size ?? undefined) : null;
}
