import type { Queryable } from '../database.ts';

/** An operator's command, and what became of it. */
export interface CommandView {
  commandId: string;
  command: string;
  actor: string;
  why: string;
  /** `table`: written for a partition that does not read. */
  via: 'log' | 'table';
  topic: string;
  partition: number;
  incarnation: number | null;
  offset: bigint | null;
  requestedAt: Date;
  outcome: 'applied' | 'refused' | null;
  outcomeDetail: string | null;
  settledAt: Date | null;
}

interface Row extends Record<string, unknown> {
  command_id: string;
  command: string;
  actor: string;
  why: string;
  via: CommandView['via'];
  topic: string;
  kafka_partition: number;
  incarnation: number | null;
  kafka_offset: string | null;
  requested_at: Date;
  outcome: CommandView['outcome'];
  outcome_detail: string | null;
  settled_at: Date | null;
}

/** These commands, the first requested first; those that are not kept any more are left out. */
export async function findCommands(database: Queryable, commandIds: readonly string[]): Promise<CommandView[]> {
  const { rows } = await database.query<Row>(
    `select command_id, command, actor, why, via, topic, kafka_partition, incarnation, kafka_offset, requested_at,
            outcome, outcome_detail, settled_at
       from hookline.control_commands
      where command_id = any($1::uuid[])
      order by requested_at, command_id`,
    [commandIds],
  );
  return rows.map((row) => ({
    commandId: row.command_id,
    command: row.command,
    actor: row.actor,
    why: row.why,
    via: row.via,
    topic: row.topic,
    partition: row.kafka_partition,
    incarnation: row.incarnation,
    offset: row.kafka_offset === null ? null : BigInt(row.kafka_offset),
    requestedAt: row.requested_at,
    outcome: row.outcome,
    outcomeDetail: row.outcome_detail,
    settledAt: row.settled_at,
  }));
}
