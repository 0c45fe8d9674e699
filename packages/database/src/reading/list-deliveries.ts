import type { Queryable } from '../database.ts';
import { readAuditBegin } from './audit-begin.ts';
import { stateOf, type DeliveryState } from './delivery-state.ts';
import { exactTime, pageOf, type Page, type PageRequest } from './page.ts';

/** What an arrival must be like; null: anything. */
export interface ArrivalFilter {
  guid: string | null;
  orderingKey: string | null;
  event: string | null;
  source: string | null;
  decision: string | null;
  flag: string | null;
  partition: number | null;
  since: Date | null;
}

/** A delivery in the log: a redelivery is another one. */
export interface ListedDelivery {
  topic: string;
  partition: number;
  incarnation: number;
  offset: bigint;
  /** When it was decided, and when ingest had read it. */
  recordedAt: Date;
  receivedAt: Date | null;
  decision: string;
  flags: string[];
  detail: string | null;
  orderingKey: string | null;
  source: string | null;
  dedupScope: string | null;
  guid: string;
  digest: Buffer | null;
  event: string | null;
  action: string | null;
  /** Of the delivery, now; null where nothing is kept of it. */
  state: DeliveryState | null;
}

interface Row extends Record<string, unknown> {
  audit_id: string;
  at: string;
  topic: string;
  kafka_partition: number;
  incarnation: number;
  kafka_offset: string;
  recorded_at: Date;
  received_at: Date | null;
  decision: string;
  flags: string[];
  detail: string | null;
  ordering_key: string | null;
  source: string | null;
  dedup_scope: string | null;
  guid: string;
  digest: Buffer | null;
  event: string | null;
  action: string | null;
  state: DeliveryState | null;
}

const HOUR_MS = 3_600_000;
const WIDER = 8;

/**
 * Deliveries of the log, the last decided first, as far back as the audit goes. Reads it in windows of time, each wider
 * than the one before, so that the first page of a long audit does not read all of it.
 */
export async function listDeliveries(
  database: Queryable,
  filter: ArrivalFilter,
  { limit, after }: PageRequest,
): Promise<Page<ListedDelivery>> {
  const { begin, now } = await readAuditBegin(database);
  const floor = Math.max(begin?.getTime() ?? now.getTime(), filter.since?.getTime() ?? 0);
  const rows: Row[] = [];
  // Above what comes next, which a cursor names to the microsecond.
  let until = (after ? Date.parse(after[0] as string) : now.getTime()) + 1;
  for (let width = HOUR_MS; rows.length <= limit; width *= WIDER) {
    const from = filter.guid === null ? Math.max(floor, until - width) : floor;
    rows.push(
      ...(await readWindow(database, filter, {
        from: new Date(from),
        until: new Date(until),
        after,
        limit: limit + 1 - rows.length,
      })),
    );
    if (from <= floor) break;
    until = from;
  }
  return pageOf(rows, limit, { view: arrival, key: (row) => [row.at, row.audit_id] });
}

interface Window {
  from: Date;
  until: Date;
  after: readonly string[] | null;
  limit: number;
}

async function readWindow(database: Queryable, filter: ArrivalFilter, { from, until, after, limit }: Window) {
  const { rows } = await database.query<Row>(
    `select entry.*, ${exactTime('entry.recorded_at')} as at, ${stateOf('entry')} as state
       from (select audit_id, topic, kafka_partition, incarnation, kafka_offset, recorded_at, received_at, decision, flags,
                    detail, ordering_key, source, dedup_scope, guid, digest, event, action
               from hookline.audit_log
              where stage = 'log' and guid is not null and recorded_at >= $1 and recorded_at < $2
                and ($3::timestamptz is null or (recorded_at, audit_id) < ($3::timestamptz, $4::bigint))
                and ($6::uuid is null or guid = $6) and ($7::text is null or ordering_key = $7)
                and ($8::text is null or event = $8) and ($9::text is null or source = $9)
                and ($10::text is null or decision = $10) and ($11::text is null or $11 = any(flags))
                and ($12::integer is null or kafka_partition = $12)
              order by recorded_at desc, audit_id desc
              limit $5) as entry
      order by recorded_at desc, audit_id desc`,
    [
      from,
      until,
      after?.[0] ?? null,
      after?.[1] ?? null,
      limit,
      filter.guid,
      filter.orderingKey,
      filter.event,
      filter.source,
      filter.decision,
      filter.flag,
      filter.partition,
    ],
  );
  return rows;
}

function arrival(row: Row): ListedDelivery {
  return {
    topic: row.topic,
    partition: row.kafka_partition,
    incarnation: row.incarnation,
    offset: BigInt(row.kafka_offset),
    recordedAt: row.recorded_at,
    receivedAt: row.received_at,
    decision: row.decision,
    flags: row.flags,
    detail: row.detail,
    orderingKey: row.ordering_key,
    source: row.source,
    dedupScope: row.dedup_scope,
    guid: row.guid,
    digest: row.digest,
    event: row.event,
    action: row.action,
    state: row.state,
  };
}
