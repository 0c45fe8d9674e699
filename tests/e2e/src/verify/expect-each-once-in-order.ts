import { expect } from '@jest/globals';
import { readDeliveries, type LoggedDelivery } from '@hookline/test-support';
import type { System } from '../system/start-system.ts';
import type { Answer } from '../traffic/sender.ts';
import { readAudit, type AuditRow } from './read-state.ts';

/**
 * The promise, checked from outside. The log is read past every service, and what the database must hold is worked
 * out from it alone: the first record of an identity is processed, when it is read or in its key's lane, and every later
 * one is not. Everything has left its lane.
 *
 * @param answers of all that was sent: each 202 is a record of the log
 */
export async function expectEachOnceInOrder(system: System, answers: readonly Answer[]): Promise<LoggedDelivery[]> {
  const log = await readDeliveries(system.stack, system.topic);
  expectAcceptedInLog(log, answers);
  const decisions = decide(log);
  const audit = await readAudit(system);
  expectAuditComplete(decisions, audit);
  expectWrittenInLogOrder(audit);
  expectKeysInLogOrder(audit);
  await expectNoStaleEpoch(system, audit);
  const processed = decisions.filter(({ isFirst }) => isFirst).map(({ record }) => record);
  await expectIdentities(system, processed);
  await expectActivity(system, processed);
  return log;
}

function expectAcceptedInLog(log: readonly LoggedDelivery[], answers: readonly Answer[]): void {
  const inLog = Map.groupBy(log, ({ delivery }) => delivery.guid);
  const accepted = Map.groupBy(
    answers.filter(({ status }) => status === 202),
    ({ delivery }) => delivery.guid,
  );
  const lost = [...accepted].filter(([guid, all]) => (inLog.get(guid)?.length ?? 0) < all.length);
  expect(lost.map(([guid]) => guid)).toEqual([]);
  const sent = new Map(answers.map(({ delivery }) => [delivery.guid, delivery]));
  const changed = log.filter(({ key, delivery }) => {
    const original = sent.get(delivery.guid);
    return !original || original.key !== key || !original.body.equals(delivery.body);
  });
  expect(changed.map(({ partition, offset }) => `${partition}/${offset}`)).toEqual([]);
}

interface Decided {
  record: LoggedDelivery;
  /** Of its identity. */
  isFirst: boolean;
}

function decide(log: readonly LoggedDelivery[]): Decided[] {
  const seen = new Set<string>();
  return log.map((record) => {
    const { guid, digest } = record.delivery;
    const identity = `${guid} ${digest.toString('hex')}`;
    const isFirst = !seen.has(identity);
    seen.add(identity);
    return { record, isFirst };
  });
}

/**
 * One row per record when it is read, and one `processed` per identity, when its first record was read or in the lane
 * where that was parked: none without, none twice, and each says what it must say.
 */
function expectAuditComplete(decisions: readonly Decided[], audit: readonly AuditRow[]): void {
  const read = audit.filter(({ stage }) => stage === 'log');
  expectSame(
    read.map((row) => `${placeOf(row)} ${row.key} ${row.guid}`),
    decisions.map(({ record }) => `${placeOf(record)} ${record.key} ${record.delivery.guid}`),
  );
  expectSame(
    audit.filter(({ decision }) => decision === 'processed').map((row) => `${placeOf(row)} ${row.key} ${row.guid}`),
    decisions
      .filter(({ isFirst }) => isFirst)
      .map(({ record }) => `${placeOf(record)} ${record.key} ${record.delivery.guid}`),
  );
  const later = new Set(decisions.filter(({ isFirst }) => !isFirst).map(({ record }) => placeOf(record)));
  const wrong = read.filter((row) => {
    const ways = later.has(placeOf(row)) ? ['duplicate', 'reset'] : ['processed', 'parked'];
    return !ways.includes(row.decision);
  });
  expect(wrong).toEqual([]);
}

function placeOf({ partition, offset }: { partition: number; offset: bigint }): string {
  return `${partition}/${offset}`;
}

/** Audit numbers are given in the order of writing: per partition it must be the log's. */
function expectWrittenInLogOrder(audit: readonly AuditRow[]): void {
  const read = audit.filter(({ stage }) => stage === 'log');
  for (const rows of Map.groupBy(read, ({ partition }) => partition).values()) {
    expect(rows.findIndex(({ offset }, i) => offset !== BigInt(i))).toBe(-1);
  }
}

/** Whether read or from its lane, a repository's deliveries are processed in the order of the log. */
function expectKeysInLogOrder(audit: readonly AuditRow[]): void {
  const processed = audit.filter(({ decision }) => decision === 'processed');
  for (const rows of Map.groupBy(processed, ({ key }) => key).values()) {
    expect(rows.findIndex(({ offset }, i) => i > 0 && offset < (rows[i - 1] as AuditRow).offset)).toBe(-1);
  }
}

/** Epochs only grow along the log. A row that a stale owner wrote would have a lower one than the row before it. */
async function expectNoStaleEpoch({ database, topic }: System, audit: readonly AuditRow[]): Promise<void> {
  const last = new Map<number, bigint>();
  const stale = audit.filter(({ partition, epoch }) => {
    const before = last.get(partition) ?? 0n;
    last.set(partition, epoch);
    return epoch < before;
  });
  expect(stale).toEqual([]);
  const { rows } = await database.query<{ partition: number; epoch: string; next_offset: string }>(
    'select kafka_partition as partition, epoch, next_offset from hookline.partition_offsets where topic = $1',
    [topic],
  );
  const counts = Map.groupBy(
    audit.filter(({ stage }) => stage === 'log'),
    ({ partition }) => partition,
  );
  for (const { partition, epoch, next_offset } of rows) {
    expect(BigInt(epoch)).toBeGreaterThanOrEqual(last.get(partition) ?? 0n);
    expect(Number(next_offset)).toBe(counts.get(partition)?.length ?? 0);
  }
}

async function expectIdentities({ database }: System, processed: readonly LoggedDelivery[]): Promise<void> {
  const { rows } = await database.query<{ said: string }>(
    `select kafka_partition || '/' || kafka_offset || ' ' || guid as said from hookline.processed_deliveries`,
  );
  expectSame(
    rows.map(({ said }) => said),
    processed.map(({ partition, offset, delivery }) => `${partition}/${offset} ${delivery.guid}`),
  );
}

async function expectActivity({ database }: System, processed: readonly LoggedDelivery[]): Promise<void> {
  const { rows } = await database.query<{ said: string }>(
    `select ordering_key || ' ' || deliveries || ' ' || last_offset || ' ' || last_guid as said
       from hookline.repository_activity`,
  );
  const byKey = Map.groupBy(processed, ({ key }) => key);
  expectSame(
    rows.map(({ said }) => said),
    [...byKey].map(([key, records]) => {
      const last = records.at(-1) as LoggedDelivery;
      return `${key} ${records.length} ${last.offset} ${last.delivery.guid}`;
    }),
  );
}

/** The same lines in whatever order; of thousands, a failure names the first few that differ. */
function expectSame(actual: readonly string[], wanted: readonly string[]): void {
  const missing = wanted.filter(
    (
      (found) => (line) =>
        !found.has(line)
    )(new Set(actual)),
  );
  const unexpected = actual.filter(
    (
      (known) => (line) =>
        !known.has(line)
    )(new Set(wanted)),
  );
  expect({ missing: missing.slice(0, 5), unexpected: unexpected.slice(0, 5), rows: actual.length }).toEqual({
    missing: [],
    unexpected: [],
    rows: wanted.length,
  });
}
