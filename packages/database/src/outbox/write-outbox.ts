import { effectId, type RequestedEffect } from '@hookline/contracts';
import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { storedBytes, type StoredBody } from '../stored-body.ts';
import { writeAudit } from '../write-audit.ts';

/** An effect that a handler has asked for, of a delivery at its place in the log. */
export interface EffectToWrite {
  handler: string;
  requested: RequestedEffect;
  record: Omit<LoggedDelivery, 'time'>;
  /** Of the log that has the record. */
  incarnation: number;
  /** Where its trace goes on from; undefined: from the delivery's, where that has one. */
  traceparent?: string | undefined;
}

/** Bytes of requests and bodies that one statement takes; a single larger effect goes alone. */
const STATEMENT_BYTES = 8 * 1024 * 1024;

/**
 * Writes effects to be sent, each once however often it is asked for: one that is in the outbox, or was settled, is known,
 * and has a row in the audit instead. Their positions ascend in the order given. Two round trips; none for no effects.
 *
 * Called under the fence: then positions of a partition are in the order of commits, and what reads it by position misses
 * nothing.
 *
 * @returns how many were written
 */
export async function writeOutbox(tx: Queryable, fence: Fence, effects: readonly EffectToWrite[]): Promise<number> {
  if (effects.length === 0) return 0;
  const rows = rowsOf(effects);
  const written = new Set<string>();
  for (const page of pagesOf(rows)) {
    for (const id of await insert(tx, fence, page)) written.add(id);
  }
  // After the insert, which waits for a relay that is settling the same effect: looked at before it, an effect that is
  // settled between the two would be found in neither table, and be sent twice.
  for (const id of await takeBackSettled(tx, [...written])) written.delete(id);
  const { topic, partition, epoch } = fence;
  await writeAudit(
    tx,
    rows.flatMap(({ id, handler, requested, record, incarnation }) => {
      if (written.has(id)) return [];
      const { orderingKey, offset, delivery } = record;
      const detail = `${requested.kind} ${requested.key}`;
      const about = { ...delivery, orderingKey, topic, partition, incarnation, offset, epoch, handler, detail };
      return [{ ...about, stage: 'effect' as const, decision: 'known' as const, effectId: id }];
    }),
  );
  return written.size;
}

interface Row extends EffectToWrite {
  id: string;
  /** JSON. */
  request: string;
  stored: StoredBody | null;
}

/** A body that goes with several effects is compressed once. */
function rowsOf(effects: readonly EffectToWrite[]): Row[] {
  const bodies = new Map<Buffer, StoredBody>();
  const storedOnce = (body: Buffer): StoredBody => {
    const stored = bodies.get(body) ?? storedBytes(body);
    bodies.set(body, stored);
    return stored;
  };
  return effects.map((effect) => {
    const { handler, requested, record } = effect;
    const { dedupScope, guid, digest, body } = record.delivery;
    return {
      ...effect,
      id: effectId({ dedupScope, guid, digest, handler, key: requested.key }),
      request: JSON.stringify(requested.request),
      stored: requested.withBody ? storedOnce(body) : null,
    };
  });
}

function* pagesOf(rows: readonly Row[]): Generator<Row[]> {
  let page: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = row.request.length + (row.stored?.bytes.length ?? 0);
    if (page.length > 0 && bytes + size > STATEMENT_BYTES) {
      yield page;
      page = [];
      bytes = 0;
    }
    page.push(row);
    bytes += size;
  }
  yield page;
}

/** Those that were not there. Positions are given behind the sort. */
async function insert(tx: Queryable, fence: Fence, rows: readonly Row[]): Promise<string[]> {
  const of = rows.map(({ record }) => record.delivery);
  const { rows: inserted } = await tx.query<{ effect_id: string }>(
    `insert into hookline.outbox
            (consumer_group, topic, kafka_partition, effect_id, ordering_key, queue, kind, handler, effect_key, source,
             dedup_scope, guid, digest, event, action, repository_id, incarnation, kafka_offset, request, headers, body,
             body_encoding, body_bytes, traceparent)
     select $1, $2, $3, effect_id, ordering_key, queue, kind, handler, effect_key, source, dedup_scope, guid, digest,
            event, action, repository_id, incarnation, kafka_offset, request, headers, body, body_encoding, body_bytes,
            traceparent
       from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                   $12::uuid[], $13::bytea[], $14::text[], $15::text[], $16::text[], $17::integer[], $18::bigint[],
                   $19::jsonb[], $20::jsonb[], $21::bytea[], $22::text[], $23::integer[], $24::text[])
            with ordinality as asked (effect_id, ordering_key, queue, kind, handler, effect_key, source, dedup_scope,
                                      guid, digest, event, action, repository_id, incarnation, kafka_offset, request,
                                      headers, body, body_encoding, body_bytes, traceparent, n)
      order by n
         on conflict (effect_id) do nothing
     returning effect_id`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      rows.map(({ id }) => id),
      rows.map(({ record }) => record.orderingKey),
      rows.map(({ requested }) => requested.queue),
      rows.map(({ requested }) => requested.kind),
      rows.map(({ handler }) => handler),
      rows.map(({ requested }) => requested.key),
      of.map(({ source }) => source),
      of.map(({ dedupScope }) => dedupScope),
      of.map(({ guid }) => guid),
      of.map(({ digest }) => digest),
      of.map(({ event }) => event),
      of.map(({ action }) => action),
      of.map(({ repositoryId }) => repositoryId),
      rows.map(({ incarnation }) => incarnation),
      rows.map(({ record }) => record.offset),
      rows.map(({ request }) => request),
      rows.map(({ stored, record }) => stored && JSON.stringify(record.delivery.headers)),
      rows.map(({ stored }) => stored?.bytes ?? null),
      rows.map(({ stored }) => stored?.encoding ?? null),
      rows.map(({ stored, record }) => stored && record.delivery.body.length),
      rows.map(({ traceparent, record }) => traceparent ?? record.delivery.headers['traceparent'] ?? null),
    ],
  );
  return inserted.map(({ effect_id: id }) => id);
}

/** Those that were settled before leave the outbox again, before anybody can see them. */
async function takeBackSettled(tx: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await tx.query<{ effect_id: string }>(
    'select distinct effect_id from hookline.settled_effects where effect_id = any ($1::uuid[])',
    [ids],
  );
  const settled = rows.map(({ effect_id: id }) => id);
  if (settled.length > 0) await tx.query('delete from hookline.outbox where effect_id = any ($1::uuid[])', [settled]);
  return settled;
}
