import type { RecordDecision } from '@hookline/contracts';
import {
  appendToLanes,
  claimIdentities,
  errorFingerprint,
  hastenLanes,
  identityKey,
  NO_DELIVERY,
  openLanes,
  writeAudit,
  writeDeadLetters,
  type AuditEntry,
  type DeadDelivery,
  type DeadLetter,
  type Fence,
  type LaneTries,
  type Queryable,
  type StoredBody,
} from '@hookline/database';
import type { KnownOfSlice } from './read-known.ts';
import { isDelivery, type DeliveryRecord, type LogRecord, type UndecodableRecord } from './record.ts';

/** A record with what becomes of it. */
export interface DecidedRecord {
  record: LogRecord;
  decision: RecordDecision;
}

export interface Outcome {
  decided: readonly DecidedRecord[];
  known: Pick<KnownOfSlice, 'lanes' | 'waiting'>;
  /** Why records have failed, by offset: each opens its key's lane where that is not open. */
  failed: ReadonlyMap<bigint, LaneTries>;
  /** Bodies of what is parked, by offset. */
  stored: ReadonlyMap<bigint, StoredBody>;
}

/**
 * Writes what was decided: claims, what waits and what is dead, and exactly one audit row per record. A statement per
 * table, however many records, and none for a table that gets nothing.
 *
 * @returns in how many milliseconds the first of the lanes that it opened or hastened is due; null: it did neither
 */
export async function writeOutcome(tx: Queryable, fence: Fence, outcome: Outcome): Promise<number | null> {
  const { decided, failed } = outcome;
  await claimIdentities(
    tx,
    deliveriesOf(decided, 'processed').map((record) => ({ ...facts(record), ...placeOf(record, fence) })),
  );
  const dueInMs = await writeLanes(tx, fence, outcome);
  await writeDeadLetters(
    tx,
    fence,
    decided.flatMap(({ record }) => (isDelivery(record) || record.isEndMark ? [] : [deadLetterOf(record, fence)])),
  );
  await writeAudit(
    tx,
    decided.map((one) => auditOf(one, fence, failed.get(one.record.offset))),
  );
  return dueInMs;
}

async function writeLanes(tx: Queryable, fence: Fence, { decided, known, failed, stored }: Outcome) {
  const parked = deliveriesOf(decided, 'parked');
  const opened = new Map<string, LaneTries>();
  for (const { orderingKey, offset } of parked) {
    const tries = failed.get(offset);
    if (tries && !known.lanes.has(orderingKey) && !opened.has(orderingKey)) opened.set(orderingKey, tries);
  }
  await openLanes(
    tx,
    fence,
    [...opened].map(([orderingKey, tries]) => ({ orderingKey, ...tries })),
  );
  await appendToLanes(
    tx,
    fence,
    parked.map((record) => ({ ...record, stored: stored.get(record.offset) as StoredBody })),
  );
  const hastened = deliveriesOf(decided, 'reset').flatMap(({ delivery }) => {
    const waits = known.waiting.get(identityKey(delivery));
    return waits?.isHead ? [waits.orderingKey] : [];
  });
  await hastenLanes(tx, fence, [...new Set(hastened)]);
  if (hastened.length > 0) return 0;
  return opened.size === 0 ? null : Math.min(...[...opened.values()].map(({ dueInMs }) => dueInMs));
}

function deliveriesOf(decided: readonly DecidedRecord[], wanted: RecordDecision): DeliveryRecord[] {
  return decided.flatMap(({ record, decision }) => (decision === wanted && isDelivery(record) ? [record] : []));
}

function auditOf({ record, decision }: DecidedRecord, fence: Fence, tries: LaneTries | undefined): AuditEntry {
  const entry = { stage: 'log', decision, epoch: fence.epoch, ...placeOf(record, fence) } as const;
  if (!isDelivery(record)) return { ...entry, ...NO_DELIVERY, detail: record.detail };
  const { source, action, receivedAt } = record.delivery;
  return {
    ...entry,
    ...facts(record),
    orderingKey: record.orderingKey,
    source,
    action,
    receivedAt,
    ...(tries && decision === 'parked' && { attempt: tries.attempts, detail: tries.error }),
  };
}

function facts({ delivery: { dedupScope, guid, digest, event } }: DeliveryRecord) {
  return { dedupScope, guid, digest, event };
}

function placeOf({ offset }: LogRecord, { topic, partition, incarnation }: Fence) {
  return { topic, partition, incarnation, offset };
}

function deadLetterOf(record: UndecodableRecord, { incarnation }: Fence): DeadDelivery {
  const { offset, time, raw } = record;
  return { place: { incarnation, offset, time }, delivery: null, raw, letters: [letterOf(record)] };
}

/** The dead letter of a record that is no delivery. */
export function letterOf({ detail }: UndecodableRecord): DeadLetter {
  const error = { ...errorFingerprint({ name: 'Undecodable', message: detail }), stack: null };
  return { handler: null, reason: 'undecodable', attempts: 0, ...error };
}
