import type { RecordDecision } from '@hookline/contracts';
import {
  allAnswered,
  appendToLanes,
  claimIdentities,
  countMismatches,
  errorFingerprint,
  hastenLanes,
  holdDeliveries,
  mismatchKey,
  NO_DELIVERY,
  openLanes,
  runDeadAgain,
  writeAudit,
  writeDeadLetters,
  writeOutbox,
  type AuditEntry,
  type Claim,
  type DeadDelivery,
  type DeadLetter,
  type EffectToWrite,
  type Fence,
  type HeldArrival,
  type LaneTries,
  type Queryable,
  type StoredBody,
} from '@hookline/database';
import type { Decision } from './decide.ts';
import type { KnownOfSlice } from './read-known.ts';
import { isDelivery, isUndecodable, type DeliveryRecord, type LogRecord, type UndecodableRecord } from './record.ts';

/** A record with what becomes of it. */
export interface DecidedRecord extends Decision {
  record: LogRecord;
}

export interface Outcome {
  decided: readonly DecidedRecord[];
  known: Pick<KnownOfSlice, 'lanes' | 'waiting'>;
  /** Why records have failed, by offset: each opens its key's lane where that is not open. */
  failed: ReadonlyMap<bigint, LaneTries>;
  /** Bodies of what is parked, by offset. */
  stored: ReadonlyMap<bigint, StoredBody>;
  /** What the handlers have asked for, in that order. */
  effects: readonly EffectToWrite[];
}

/** A lane that opens for something else than a failure. */
export const UNTRIED: LaneTries = { attempts: 0, kills: 0, deferrals: 0, dueInMs: 0, error: '' };

/**
 * Writes what was decided: claims, effects, what waits, is held and is dead, and exactly one audit row per record. A statement per
 * table, however many records, and none for a table that gets nothing.
 *
 * @returns in how many milliseconds the first of the lanes that it opened or hastened is due; null: it did neither
 */
export async function writeOutcome(tx: Queryable, fence: Fence, outcome: Outcome): Promise<number | null> {
  const { decided } = outcome;
  const claims = claimIdentities(tx, [
    ...deliveriesOf(decided, 'processed').map((record) => claimOf(record, fence, 'processed')),
    ...deliveriesOf(decided, 'discarded').map((record) => claimOf(record, fence, 'discarded')),
  ]);
  const [, dueInMs] = await allAnswered([claims, writeBehindClaims(tx, fence, outcome)]);
  return dueInMs;
}

async function writeBehindClaims(tx: Queryable, fence: Fence, outcome: Outcome): Promise<number | null> {
  const { decided, failed, effects } = outcome;
  await writeOutbox(tx, fence, effects);
  const dueInMs = await writeLanes(tx, fence, outcome);
  await holdDeliveries(tx, fence, decided.flatMap(heldOf));
  await writeDead(tx, fence, decided);
  await writeAudit(
    tx,
    decided.map((one) => auditOf(one, fence, failed.get(one.record.offset))),
  );
  return dueInMs;
}

async function writeLanes(tx: Queryable, fence: Fence, { decided, known, failed, stored }: Outcome) {
  const parked = deliveriesOf(decided, 'parked');
  const again = decided.flatMap(({ record, again: dead }) => (dead && isDelivery(record) ? [{ record, dead }] : []));
  const opened = new Map<string, LaneTries>();
  const open = (orderingKey: string, tries: LaneTries) => {
    if (!known.lanes.has(orderingKey) && !opened.has(orderingKey)) opened.set(orderingKey, tries);
  };
  for (const { orderingKey, offset } of parked) {
    const tries = failed.get(offset);
    if (tries) open(orderingKey, tries);
  }
  for (const { record } of again) open(record.orderingKey, UNTRIED);
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
  await runDeadAgain(
    tx,
    fence,
    again.map(({ record: { orderingKey, offset }, dead: { place, handlers } }) => ({
      run: 'reset',
      orderingKey,
      place,
      handlers,
      from: 'dead',
      seen: { incarnation: fence.incarnation, offset },
    })),
  );
  const hastened = deliveriesOf(decided, 'reset').flatMap(({ offset }) => {
    const waits = known.waiting.get(offset);
    return waits?.isHead ? [waits.orderingKey] : [];
  });
  await hastenLanes(tx, fence, [...new Set(hastened)]);
  if (hastened.length > 0) return 0;
  return opened.size === 0 ? null : Math.min(...[...opened.values()].map(({ dueInMs }) => dueInMs));
}

/** Of payloads that do not fit their event one body is kept, and counted; of what is no record of ours, each. */
async function writeDead(tx: Queryable, fence: Fence, decided: readonly DecidedRecord[]): Promise<void> {
  const mismatches = deliveriesOf(decided, 'dead-lettered').map((record) => ({
    ...facts(record),
    offset: record.offset,
    record,
  }));
  const kept = await countMismatches(tx, fence, mismatches);
  const fresh = mismatches.filter((one) => !kept.has(mismatchKey(one)));
  const firsts = new Map(fresh.toReversed().map((one) => [mismatchKey(one), one]));
  const undecodable = decided.flatMap(({ record }) => (isUndecodable(record) && !record.isEndMark ? [record] : []));
  await writeDeadLetters(tx, fence, [
    ...undecodable.map((record) => deadLetterOf(record, fence)),
    ...[...firsts.values()].map(({ record }) => mismatchOf(record, fence)),
  ]);
  const others = fresh.filter((one) => firsts.get(mismatchKey(one)) !== one);
  await countMismatches(tx, fence, others);
}

function deliveriesOf(decided: readonly DecidedRecord[], wanted: RecordDecision): DeliveryRecord[] {
  return decided.flatMap(({ record, decision }) => (decision === wanted && isDelivery(record) ? [record] : []));
}

function heldOf({ record, decision, hold }: DecidedRecord): HeldArrival[] {
  return decision === 'held' && hold && isDelivery(record) ? [{ ...record, ...hold }] : [];
}

function auditOf(
  { record, decision, flags, hold }: DecidedRecord,
  fence: Fence,
  tries: LaneTries | undefined,
): AuditEntry {
  const { topic, partition, incarnation, epoch } = fence;
  const { offset } = record;
  if (!isDelivery(record)) {
    const place = { topic, partition, incarnation, offset, epoch };
    return { stage: 'log', decision, flags, ...place, ...NO_DELIVERY, detail: record.detail };
  }
  const { orderingKey, delivery } = record;
  const detail = hold ? `Its payload is known by ${hold.known.guid}, ${hold.known.event}.` : delivery.eventProblem;
  const failed = decision === 'parked' ? tries : undefined;
  // Field by field: spreading costs several times as much, and there is one of these per record.
  return {
    stage: 'log',
    decision,
    flags,
    topic,
    partition,
    incarnation,
    offset,
    epoch,
    orderingKey,
    source: delivery.source,
    dedupScope: delivery.dedupScope,
    guid: delivery.guid,
    digest: delivery.digest,
    event: delivery.event,
    action: delivery.action,
    repositoryId: delivery.repositoryId,
    receivedAt: delivery.receivedAt,
    attempt: failed?.attempts ?? null,
    detail: failed ? failed.error : detail,
  };
}

function facts({ delivery: { dedupScope, guid, digest, event } }: DeliveryRecord) {
  return { dedupScope, guid, digest, event };
}

function claimOf({ delivery, offset }: DeliveryRecord, fence: Fence, outcome: 'processed' | 'discarded'): Claim {
  const { dedupScope, guid, digest, event } = delivery;
  const { topic, partition, incarnation } = fence;
  return { dedupScope, guid, digest, event, topic, partition, incarnation, offset, outcome };
}

function deadLetterOf(record: UndecodableRecord, { incarnation }: Fence): DeadDelivery {
  const { offset, time, raw } = record;
  return { place: { incarnation, offset, time }, delivery: null, raw, letters: [letterOf(record)] };
}

function mismatchOf(record: DeliveryRecord, { incarnation }: Fence): DeadDelivery {
  const { offset, time, delivery } = record;
  const message = delivery.eventProblem ?? '';
  const error = { ...errorFingerprint({ name: 'EventMismatch', message }), stack: null };
  const letter: DeadLetter = { handler: null, reason: 'event-mismatch', attempts: 0, ...error };
  return { place: { incarnation, offset, time }, delivery: record, raw: null, letters: [letter] };
}

/** The dead letter of a record that is no delivery. */
export function letterOf({ detail }: UndecodableRecord): DeadLetter {
  const error = { ...errorFingerprint({ name: 'Undecodable', message: detail }), stack: null };
  return { handler: null, reason: 'undecodable', attempts: 0, ...error };
}
