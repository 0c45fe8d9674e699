import type { Database, Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { lockPartition } from '../lock-partition.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { NO_DELIVERY, writeAudit } from '../write-audit.ts';
import { clearHalt } from './clear-halt.ts';
import { decideResume, type ResumeDecision, type ResumeState } from './decide-resume.ts';
import { resumeCommand, type CommandRow } from './read-command.ts';
import type { ResumeCommand } from './request-resume.ts';

/** What the owner of the halted partition knows. */
export interface ResumingOwner {
  owner: string;
  /** Its epoch; null where it found no row. */
  epoch: bigint | null;
  /** What Kafka has now. */
  log: ResumeState['log'];
}

export type ResumeEnd =
  | { success: true; nextOffset: bigint; incarnation: number; detail: string }
  /** Settled and audited, and nothing else has changed. */
  | { success: false; reason: 'REFUSED'; detail: string }
  /** Somebody has settled it already, perhaps this process, whose reply was lost. Nothing was written. */
  | { success: false; reason: 'SETTLED' }
  /** The partition is another owner's, and so is the command. Nothing was written. */
  | { success: false; reason: 'FENCED' };

const LOCK_TIMEOUT_MS = 5000;

/**
 * Applies a human's decision about a halted partition, or refuses it, in one transaction: the offset, the epoch (which
 * fences out whoever else takes the partition for its own), the halt, the audit and the command's outcome change
 * together or not at all. Locked in this order by everyone: the command, the halt, the partition's row.
 *
 * The caller takes over again afterwards: its own epoch is of the past, too.
 */
export function resumePartition(
  database: Database,
  place: PartitionPlace,
  commandId: string,
  by: ResumingOwner,
): Promise<ResumeEnd> {
  return transaction<ResumeEnd>(database, { lockTimeoutMs: LOCK_TIMEOUT_MS }, async (tx) => {
    const command = await lockCommand(tx, place, commandId);
    if (!command) return rollback({ success: false, reason: 'SETTLED' });
    const halt = await lockHalt(tx, place);
    const stored = await lockPartition(tx, place);
    if ((stored?.epoch ?? null) !== by.epoch) return rollback({ success: false, reason: 'FENCED' });

    const decision = decideResume(command, { halt, stored, log: by.log });
    if (!decision.resume) {
      await settle(tx, command, 'refused', decision.detail);
      await audit(tx, place, command, {
        decision: 'refused',
        detail: decision.detail,
        offset: stored?.nextOffset ?? command.decidedNextOffset ?? 0n,
        epoch: stored?.epoch ?? 0n,
        incarnation: stored?.incarnation ?? 1,
      });
      return commit({ success: false, reason: 'REFUSED', detail: decision.detail });
    }
    const resumed = await store(tx, place, by.owner, decision);
    if (!resumed) return rollback({ success: false, reason: 'FENCED' });
    const { nextOffset } = decision;
    const detail = `${command.decidedReason}: from offset ${stored?.nextOffset ?? 'none'} to ${nextOffset}.`;
    const { epoch, incarnation } = resumed;
    await clearHalt(tx, { ...place, epoch });
    await settle(tx, command, 'applied', detail);
    await audit(tx, place, command, { decision: 'resumed', detail, offset: nextOffset, epoch, incarnation });
    return commit({ success: true, nextOffset, incarnation, detail });
  });
}

async function lockCommand(tx: Queryable, place: PartitionPlace, commandId: string): Promise<ResumeCommand | null> {
  const { rows } = await tx.query<CommandRow>(
    `select command_id, resume_from, resume_offset, decided_reason, decided_next_offset, actor, why
       from hookline.partition_commands
      where command_id = $4 and consumer_group = $1 and topic = $2 and kafka_partition = $3 and outcome is null
        for update`,
    [place.consumerGroup, place.topic, place.partition, commandId],
  );
  return rows[0] ? resumeCommand(rows[0]) : null;
}

async function lockHalt(tx: Queryable, place: PartitionPlace): Promise<ResumeState['halt']> {
  const { rows } = await tx.query<{ reason: string; next_offset: string | null }>(
    `select reason, next_offset
       from hookline.partition_halts
      where consumer_group = $1 and topic = $2 and kafka_partition = $3
        for update`,
    [place.consumerGroup, place.topic, place.partition],
  );
  const [row] = rows;
  return row ? { reason: row.reason, nextOffset: row.next_offset === null ? null : BigInt(row.next_offset) } : null;
}

/**
 * Null: somebody has made the row meanwhile. The witness goes, since the record below the new offset is not the one that
 * was processed last; so do noted starts, since another record may be at their offset now.
 */
async function store(
  tx: Queryable,
  place: PartitionPlace,
  owner: string,
  { nextOffset, newIncarnation, acceptedCommitted }: ResumeDecision & { resume: true },
): Promise<{ epoch: bigint; incarnation: number } | null> {
  const at = [place.consumerGroup, place.topic, place.partition];
  await tx.query(
    `delete from hookline.record_starts
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and stage = 'log'`,
    at,
  );
  const values = [...at, nextOffset, owner, acceptedCommitted];
  const { rows } = await tx.query<{ epoch: string; incarnation: number }>(
    `update hookline.partition_offsets
        set epoch = epoch + 1, next_offset = $4, owner = $5, accepted_committed = $6,
            incarnation = incarnation + $7, last_record_digest = null, last_record_time = null, taken_over_at = now()
      where consumer_group = $1 and topic = $2 and kafka_partition = $3
  returning epoch, incarnation`,
    [...values, newIncarnation ? 1 : 0],
  );
  const made = rows[0] ?? (await insert(tx, values));
  return made && { epoch: BigInt(made.epoch), incarnation: made.incarnation };
}

async function insert(tx: Queryable, values: unknown[]): Promise<{ epoch: string; incarnation: number } | null> {
  const { rows } = await tx.query<{ epoch: string; incarnation: number }>(
    `insert into hookline.partition_offsets
            (consumer_group, topic, kafka_partition, next_offset, epoch, owner, accepted_committed)
     values ($1, $2, $3, $4, 1, $5, $6)
         on conflict (consumer_group, topic, kafka_partition) do nothing
     returning epoch, incarnation`,
    values,
  );
  return rows[0] ?? null;
}

async function settle(
  tx: Queryable,
  { commandId }: ResumeCommand,
  outcome: 'applied' | 'refused',
  detail: string,
): Promise<void> {
  await tx.query(
    `update hookline.partition_commands
        set outcome = $2, outcome_detail = $3, settled_at = now()
      where command_id = $1`,
    [commandId, outcome, detail],
  );
}

function audit(
  tx: Queryable,
  { topic, partition }: PartitionPlace,
  { actor, why, commandId }: ResumeCommand,
  entry: {
    decision: 'resumed' | 'refused';
    detail: string;
    offset: bigint;
    epoch: bigint;
    incarnation: number;
  },
): Promise<void> {
  const detail = `${why} (${entry.detail})`;
  return writeAudit(tx, [{ ...NO_DELIVERY, stage: 'partition', topic, partition, ...entry, detail, actor, commandId }]);
}
