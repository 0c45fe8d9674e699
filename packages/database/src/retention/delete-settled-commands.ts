import type { Queryable } from '../database.ts';
import type { At } from './read-old-ranges.ts';

/** Where operators' commands are. */
export type CommandTable = 'control_commands' | 'partition_commands';

export interface CommandRemoval {
  keepMs: number;
  /** Commands that are deleted at most. */
  batch: number;
  at?: At;
}

const OLD = `outcome is not null
          and settled_at <= coalesce($2::timestamptz, now()) - $1 * interval '1 ms'
          and requested_at <= coalesce($2::timestamptz, now()) - $1 * interval '1 ms'`;

/**
 * Deletes the oldest commands that were applied or refused longer than `keepMs` ago; returns how many. The time is that
 * of the outcome, which is later than the command's record in the log: while that can be read again, its id is known.
 */
export async function deleteSettledCommands(
  on: Queryable,
  table: CommandTable,
  { keepMs, batch, at = null }: CommandRemoval,
): Promise<number> {
  const { rowCount } = await on.query(
    `delete from hookline.${table}
      where command_id in (
        select command_id
          from hookline.${table}
         where ${OLD}
         order by requested_at
         limit $3
           for update skip locked)`,
    [keepMs, at, batch],
  );
  return rowCount;
}

/** How many `deleteSettledCommands` would delete in all. */
export async function countSettledCommands(
  on: Queryable,
  table: CommandTable,
  { keepMs, at = null }: Omit<CommandRemoval, 'batch'>,
): Promise<number> {
  const { rows } = await on.query<{ number: string }>(`select count(*) as number from hookline.${table} where ${OLD}`, [
    keepMs,
    at,
  ]);
  return Number(rows[0]?.number);
}
