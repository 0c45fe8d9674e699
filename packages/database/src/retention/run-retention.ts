import { isConflict } from '../classify-error.ts';
import type { Database } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';
import { makeRanges } from '../make-ranges.ts';
import { countOldSubjects, deleteOldSubjects } from './delete-old-subjects.ts';
import { countSettledCommands, deleteSettledCommands, type CommandTable } from './delete-settled-commands.ts';
import { deleteSettledDead, type DeadBatch } from './delete-settled-dead.ts';
import { countSettledHeld, deleteSettledHeld } from './delete-settled-held.ts';
import { dropRange } from './drop-range.ts';
import { keepDeadClaims } from './keep-dead-claims.ts';
import type { OldRange } from './ranged-table.ts';
import { readOldRanges, type At } from './read-old-ranges.ts';
import { readWaiting, type Waiting } from './read-waiting.ts';
import { withRetentionLock, type AlreadyRunning } from './retention-lock.ts';
import type { RetentionSettings } from './retention-problems.ts';

export interface RetentionRun {
  /** Milliseconds; checked by `retentionProblems` before. */
  keep: Omit<RetentionSettings, 'topicRetentionMs' | 'redeliveryWindowMs'>;
  /** Tells what would be removed, and changes nothing. */
  dryRun: boolean;
  /** How long to wait for the transactions that use a range. */
  waitMs: number;
  /** Rows that one transaction looks at or deletes. */
  batch: number;
  at?: At;
  /** Told before each range, and after each batch. */
  progress: (text: string) => void;
}

export interface RetentionReport {
  success: true;
  dryRun: boolean;
  /** Made ahead, by name. */
  made: string[];
  ranges: (OldRange & { dropped: boolean })[];
  /** Claims of old ranges that were claimed anew, because their dead letters are open. */
  keptDeadClaims: number;
  deleted: Record<'dead_deliveries' | 'dead_letters' | 'held_deliveries' | 'subject_times' | CommandTable, number>;
  /** Partitions whose dead letters and held deliveries could not all be looked at: a slice held their row for too long. */
  busy: PartitionPlace[];
  /** What is never removed. */
  waiting: Waiting[];
}

/**
 * One run: makes ranges ahead, drops those that are old, deletes in small batches what has been settled for long. May be
 * stopped anywhere, run again, and run beside everything else. By the database's clock.
 */
export function runRetention(database: Database, run: RetentionRun): Promise<RetentionReport | AlreadyRunning> {
  return withRetentionLock(database, async () => {
    const made = run.dryRun ? [] : await makeRanges(database);
    const { ranges, keptDeadClaims } = await dropRanges(database, run);
    const busy: PartitionPlace[] = [];
    const dead = await deleteDead(database, run, busy);
    const deleted = {
      ...dead,
      held_deliveries: await deleteHeld(database, run, busy),
      control_commands: await deleteCommands(database, run, 'control_commands'),
      partition_commands: await deleteCommands(database, run, 'partition_commands'),
      subject_times: await deleteSubjects(database, run),
    };
    const waiting = await readWaiting(database);
    return { success: true, dryRun: run.dryRun, made, ranges, keptDeadClaims, deleted, busy, waiting };
  });
}

async function dropRanges(database: Database, run: RetentionRun) {
  const { keep, dryRun, waitMs, at = null, progress } = run;
  const old = [
    ...(await readOldRanges(database, 'processed_deliveries', keep.horizonMs, at)),
    ...(await readOldRanges(database, 'audit_log', keep.auditRetentionMs, at)),
    ...(await readOldRanges(database, 'settled_effects', keep.effectRetentionMs || keep.horizonMs, at)),
  ];
  const ranges: RetentionReport['ranges'] = [];
  let keptDeadClaims = 0;
  for (const range of old) {
    let dropped = false;
    if (!dryRun) {
      progress(`Dropping ${range.name} …`);
      if (range.table === 'processed_deliveries' && range.state === 'attached') {
        keptDeadClaims += await keepDeadClaims(database, range, at);
      }
      dropped = (await dropRange(database, range, waitMs)).success;
    }
    ranges.push({ ...range, dropped });
  }
  return { ranges, keptDeadClaims };
}

async function deleteDead(database: Database, run: RetentionRun, busy: PartitionPlace[]) {
  const dead = { dead_deliveries: 0, dead_letters: 0 };
  for (const place of await placesIn(database, 'dead_deliveries')) {
    await unlessBusy(place, busy, async () => {
      for await (const { deliveries, letters } of deadBatches(database, place, run)) {
        dead.dead_deliveries += deliveries;
        dead.dead_letters += letters;
        if (letters > 0 && !run.dryRun) run.progress(`Deleted ${dead.dead_letters} dead letters …`);
      }
    });
  }
  return dead;
}

async function deleteHeld(
  database: Database,
  { keep, dryRun, batch, at = null }: RetentionRun,
  busy: PartitionPlace[],
): Promise<number> {
  const keepMs = keep.horizonMs;
  let deleted = 0;
  for (const place of await placesIn(database, 'held_deliveries')) {
    if (dryRun) {
      deleted += await countSettledHeld(database, place, { keepMs, at });
      continue;
    }
    await unlessBusy(place, busy, async () => {
      for (let some = batch; some === batch;) {
        some = await deleteSettledHeld(database, place, { keepMs, batch, at });
        deleted += some;
      }
    });
  }
  return deleted;
}

async function unlessBusy(place: PartitionPlace, busy: PartitionPlace[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isConflict(error)) throw error;
    busy.push(place);
  }
}

async function* deadBatches(
  database: Database,
  place: PartitionPlace,
  { keep, dryRun, batch, at = null }: RetentionRun,
): AsyncGenerator<DeadBatch> {
  let after: LogPlace | null = null;
  do {
    const removal = { keepMs: keep.deadLetterRetentionMs, batch, after, dryRun, at };
    const done = await deleteSettledDead(database, place, removal);
    yield done;
    after = done.next;
  } while (after);
}

async function placesIn(database: Database, table: 'dead_deliveries' | 'held_deliveries'): Promise<PartitionPlace[]> {
  const { rows } = await database.query<PartitionPlace & Record<string, unknown>>(
    `select distinct consumer_group as "consumerGroup", topic, kafka_partition as partition
       from hookline.${table}
      order by 1, 2, 3`,
  );
  return rows;
}

async function deleteCommands(
  database: Database,
  { keep, dryRun, batch, at = null }: RetentionRun,
  table: CommandTable,
): Promise<number> {
  const keepMs = keep.commandRetentionMs;
  if (dryRun) return countSettledCommands(database, table, { keepMs, at });
  for (let deleted = 0; ;) {
    const some = await deleteSettledCommands(database, table, { keepMs, batch, at });
    deleted += some;
    if (some < batch) return deleted;
  }
}

async function deleteSubjects(database: Database, { keep, dryRun, batch, at = null }: RetentionRun): Promise<number> {
  const keepMs = keep.horizonMs;
  if (dryRun) return countOldSubjects(database, { keepMs, at });
  for (let deleted = 0; ;) {
    const some = await deleteOldSubjects(database, { keepMs, batch, at });
    deleted += some;
    if (some < batch) return deleted;
  }
}
