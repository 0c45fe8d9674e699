import type { Queryable } from '../../database.ts';
import { AUDIT_CHECKS } from './audit-checks.ts';
import { PLACES, scopeValues, type Check, type Problem, type Scope } from './check.ts';
import { CLAIM_CHECKS } from './claim-checks.ts';
import { OUTBOX_CHECKS, SETTLED_CHECKS } from './effect-checks.ts';
import { readBounds } from './read-bounds.ts';
import { readPartitionsToVerify, readScope, type ReadPartition } from './read-partitions.ts';
import { TABLE_CHECKS } from './table-checks.ts';
import { PROJECTION_CHECK } from './verify-projection.ts';
import { OFFSETS_AT_ONCE, READING_CODES, verifyReading } from './verify-reading.ts';

/** Every code that {@link verifyTables} can name, with what it means. */
export const VERIFY_CODES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(READING_CODES),
  ...[...AUDIT_CHECKS, ...CLAIM_CHECKS, ...TABLE_CHECKS, ...OUTBOX_CHECKS, ...SETTLED_CHECKS, PROJECTION_CHECK].map(
    ({ code, means }) => [code, means] as const,
  ),
]);

export interface VerifyOptions {
  /** Problems of one code; there may be more. */
  most: number;
  /** Commands that were settled before may be gone by retention. */
  commandsSince: Date;
  /** Told before each part. */
  onProgress: (what: string) => void;
}

export interface Verified {
  problems: Problem[];
  /** Codes of which there are more problems than those. */
  more: string[];
  partitions: number;
}

const ROWS_AT_ONCE = 50_000;
const ZERO = '00000000-0000-0000-0000-000000000000';

/**
 * Looks for what cannot be, over all tables, while services work. Each rule is one statement, or one for each part of a
 * large table: it holds in every state of the database. What it takes in memory does not grow with the tables.
 */
export async function verifyTables(database: Queryable, options: VerifyOptions): Promise<Verified> {
  const { most, commandsSince, onProgress } = options;
  const found = new Map<string, Problem[]>();
  const add = (problems: readonly Problem[]): void => {
    for (const problem of problems) found.set(problem.code, [...(found.get(problem.code) ?? []), problem]);
  };
  const partitions = await readPartitionsToVerify(database);
  const scope = await readScope(database, partitions, commandsSince);
  const run = async (checks: readonly Check[], part: readonly unknown[]): Promise<void> => {
    for (const check of checks) {
      const left = most + 1 - (found.get(check.code)?.length ?? 0);
      if (left > 0) add(await runCheck(database, check, scope, left, part));
    }
  };
  onProgress('lanes, held deliveries, dead letters, commands, effects');
  await run([...TABLE_CHECKS, ...OUTBOX_CHECKS], []);
  for (const read of partitions) {
    onProgress(`partition ${read.partition} of ${read.topic}`);
    add(await verifyPartition(database, read, most + 1));
    for await (const part of partsOf(database, read)) await run(AUDIT_CHECKS, part);
    await run([PROJECTION_CHECK], [read.topic, read.partition]);
  }
  onProgress('claims');
  for await (const part of partsByGuid(database, 'processed_deliveries')) await run(CLAIM_CHECKS, part);
  onProgress('settled effects');
  for await (const part of partsByGuid(database, 'settled_effects')) await run(SETTLED_CHECKS, part);
  const problems = [...found.values()].flatMap((of) => of.slice(0, most));
  const more = [...found].filter(([, of]) => of.length > most).map(([code]) => code);
  return { problems, more, partitions: partitions.length };
}

/** What is found in a partition that a human has resumed since it was listed may be two readings, taken for one. */
async function verifyPartition(database: Queryable, read: ReadPartition, most: number): Promise<Problem[]> {
  const problems = await verifyReading(database, read, most);
  if (problems.length === 0) return problems;
  const partitions = await readPartitionsToVerify(database);
  const now = partitions.find(({ topic, partition }) => topic === read.topic && partition === read.partition);
  return now && now.resumes.length > read.resumes.length ? verifyPartition(database, now, most) : problems;
}

interface Row extends Record<string, unknown> {
  topic: string | null;
  kafka_partition: number | null;
  incarnation: number | null;
  kafka_offset: string | null;
  subject: string | null;
  detail: string;
}

async function runCheck(
  database: Queryable,
  { code, sql }: Check,
  scope: Scope,
  most: number,
  part: readonly unknown[],
): Promise<Problem[]> {
  const { rows } = await database.query<Row>(`${PLACES}\n${sql}\n limit (select most from since)`, [
    ...scopeValues(scope, most),
    ...part,
  ]);
  return rows.map((row) => ({
    code,
    topic: row.topic,
    partition: row.kafka_partition,
    incarnation: row.incarnation,
    offset: row.kafka_offset === null ? null : BigInt(row.kafka_offset),
    subject: row.subject,
    detail: row.detail,
  }));
}

/** Offsets of a partition that the audit has, in parts: topic, partition, from, and to below. */
async function* partsOf(database: Queryable, { topic, partition }: ReadPartition) {
  const bounds = await readBounds(database, 'topic = $1 and kafka_partition = $2', [topic, partition]);
  if (!bounds) return;
  for (let from = bounds.lowest; from <= bounds.highest; from += OFFSETS_AT_ONCE) {
    yield [topic, partition, from, from + OFFSETS_AT_ONCE];
  }
}

/** All rows of a table in parts, by GUID: above, and to. */
async function* partsByGuid(database: Queryable, table: 'processed_deliveries' | 'settled_effects') {
  for (let above = ZERO; ;) {
    const { rows } = await database.query<{ guid: string }>(
      `select guid from hookline.${table} where guid > $1 order by guid offset $2 limit 1`,
      [above, ROWS_AT_ONCE],
    );
    const to = rows[0]?.guid ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    yield [above, to];
    if (!rows[0]) return;
    above = to;
  }
}
