import { partitionName, type LogRecord } from '../check/facts.ts';
import { nothingAgain } from '../check/i7-reread.ts';
import type { Violation } from '../check/violation.ts';
import { LIKE_JOB_TOPIC } from '../system/job-topic.ts';
import { nextOffsets } from '../system/next-offsets.ts';
import type { System } from '../system/system.ts';
import { untilDrained } from './drain.ts';
import { expectHalts, resumeAll } from './halt-and-resume.ts';

/** Tables that are the state, each with the columns that are none of it: when a lane is due next. */
const STATE: Readonly<Record<string, readonly string[]>> = {
  'hookline.processed_deliveries': [],
  'hookline.held_deliveries': [],
  'hookline.dead_deliveries': [],
  'hookline.dead_letters': [],
  'hookline.lane_deliveries': [],
  'hookline.lanes': ['due_at'],
  'hookline.control_commands': [],
  'hookline.outbox': [],
  'hookline.settled_effects': [],
  'crash.effects': [],
  'crash.counters': [],
  'crash.asked': [],
};
const HALT_MS = 60_000;

/**
 * Sets the stored offsets back to the beginning of the log when everything is processed: the partitions halt, since the
 * database looks like an earlier state, and an operator has them go on from there.
 */
export async function rereadLog(
  system: System,
  log: readonly LogRecord[],
  { note, withinMs }: { note: (what: string) => void; withinMs: number },
): Promise<Violation[]> {
  const { database } = system;
  await Promise.all(system.processors.map((it) => it.hold()));
  const before = await hashState(system);
  const { rows } = await database.query<{ id: string }>(
    'select coalesce(max(audit_id), 0)::text as id from hookline.audit_log',
  );
  const partitions = (await nextOffsets(system)).filter(([, next]) => next > 0n).map(([partition]) => partition);
  await database.query('update hookline.partition_offsets set next_offset = 0 where topic not like $1', [
    LIKE_JOB_TOPIC,
  ]);
  for (const it of system.processors) it.resume();
  const due = { partitions, reasons: ['DATABASE_BEHIND'], from: () => 'stored' };
  const halts = await expectHalts(system, due, () => Promise.resolve(), note, Math.min(HALT_MS, withinMs));
  if (halts.length > 0) return halts;
  const violations = await resumeAll(system, due);
  const drained = await untilDrained(system, withinMs);
  note(drained ? 'the whole log was read again' : 'gave up waiting for the log to be read again');
  await Promise.all(system.processors.map((it) => it.hold()));
  const audit = await database.query<{ topic: string; partition: number; offset: string; decision: string }>(
    `select topic, kafka_partition as partition, kafka_offset as offset, decision
       from hookline.audit_log where stage = 'log' and audit_id > $1 and topic not like $2 order by audit_id`,
    [rows[0]?.id, LIKE_JOB_TOPIC],
  );
  const reread = {
    log,
    audit: audit.rows.map(({ topic, partition, offset, decision }) => ({
      partition: partitionName(topic, partition),
      offset: BigInt(offset),
      decision,
    })),
    hashes: { before, after: await hashState(system) },
  };
  return [...violations, ...nothingAgain(reread)];
}

async function hashState({ database }: System): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const [table, left] of Object.entries(STATE)) {
    const { rows } = await database.query<{ hash: string }>(
      `select md5(coalesce(string_agg(said, E'\\n' order by said), '')) as hash
         from (select (to_jsonb(one) - $1::text[])::text as said from ${table} one) as all_rows`,
      [left],
    );
    hashes[table] = rows[0]?.hash ?? '';
  }
  return hashes;
}
