import type { Queryable } from '../database.ts';

/**
 * Refuses a command of the table that says nothing that could be applied; one that was settled meanwhile stays so.
 *
 * @returns whether it was refused
 */
export async function refuseCommand(tx: Queryable, commandId: string, problem: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update hookline.control_commands
        set outcome = 'refused', outcome_detail = $2, settled_at = now()
      where command_id = $1 and outcome is null`,
    [commandId, problem],
  );
  return rowCount === 1;
}
