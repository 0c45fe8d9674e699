import type { Queryable } from '../database.ts';

/** What became of a command; null: it waits in the table for the owner of its partition. */
export interface CommandOutcome {
  commandId: string;
  outcome: 'applied' | 'refused' | null;
  detail: string;
}

/**
 * Which of these commands the database knows, and what became of them. One that is in the log only, and was not read
 * yet, is not known.
 */
export async function readOutcomes(database: Queryable, commandIds: readonly string[]): Promise<CommandOutcome[]> {
  const { rows } = await database.query<{ id: string; outcome: CommandOutcome['outcome']; detail: string }>(
    `select command_id as id, outcome, coalesce(outcome_detail, '') as detail
       from hookline.control_commands
      where command_id = any($1::uuid[])`,
    [commandIds],
  );
  return rows.map(({ id, outcome, detail }) => ({ commandId: id, outcome, detail }));
}
