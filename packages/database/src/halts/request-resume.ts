import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';

/** Where a halted partition goes on. */
export type ResumeFrom = { from: 'stored' | 'log-start'; offset: null } | { from: 'offset'; offset: bigint };

/** A human's decision about a halted partition, and the state that it was decided on. */
export interface ResumeCommand {
  /** UUID. */
  commandId: string;
  resume: ResumeFrom;
  decidedReason: string;
  decidedNextOffset: bigint | null;
  actor: string;
  why: string;
}

/** Asks the partition's owner to go on. The same command again, after a lost reply, changes nothing. */
export async function requestResume(database: Queryable, place: PartitionPlace, command: ResumeCommand): Promise<void> {
  await database.query(
    `insert into hookline.partition_commands
            (command_id, consumer_group, topic, kafka_partition, command, resume_from, resume_offset, decided_reason,
             decided_next_offset, actor, why)
     values ($1, $2, $3, $4, 'resume', $5, $6, $7, $8, $9, $10)
         on conflict (command_id) do nothing`,
    [
      command.commandId,
      place.consumerGroup,
      place.topic,
      place.partition,
      command.resume.from,
      command.resume.offset,
      command.decidedReason,
      command.decidedNextOffset,
      command.actor,
      command.why,
    ],
  );
}
