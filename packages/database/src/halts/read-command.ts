import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import type { ResumeCommand, ResumeFrom } from './request-resume.ts';

/** The oldest command of a partition that nobody has settled yet, or null. */
export async function readCommand(database: Queryable, place: PartitionPlace): Promise<ResumeCommand | null> {
  const { rows } = await database.query<CommandRow>(
    `select command_id, resume_from, resume_offset, decided_reason, decided_next_offset, actor, why
       from hookline.partition_commands
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and outcome is null
      order by requested_at, command_id
      limit 1`,
    [place.consumerGroup, place.topic, place.partition],
  );
  return rows[0] ? resumeCommand(rows[0]) : null;
}

/** What became of a command: null while it waits, and where there is none. */
export async function readCommandOutcome(
  database: Queryable,
  commandId: string,
): Promise<{ outcome: 'applied' | 'refused'; detail: string } | null> {
  const { rows } = await database.query<{ outcome: 'applied' | 'refused'; detail: string }>(
    `select outcome, coalesce(outcome_detail, '') as detail
       from hookline.partition_commands
      where command_id = $1 and outcome is not null`,
    [commandId],
  );
  return rows[0] ?? null;
}

export type CommandRow = Record<string, unknown> & {
  command_id: string;
  resume_from: ResumeFrom['from'];
  resume_offset: string | null;
  decided_reason: string;
  decided_next_offset: string | null;
  actor: string;
  why: string;
};

export function resumeCommand(row: CommandRow): ResumeCommand {
  const { resume_from: from, resume_offset: offset } = row;
  return {
    commandId: row.command_id,
    resume: from === 'offset' ? { from, offset: BigInt(offset as string) } : { from, offset: null },
    decidedReason: row.decided_reason,
    decidedNextOffset: row.decided_next_offset === null ? null : BigInt(row.decided_next_offset),
    actor: row.actor,
    why: row.why,
  };
}
