import type { Queryable } from '../database.ts';

/** Refuses a command of the table that says nothing that could be applied; one that was settled meanwhile stays so. */
export async function refuseCommand(tx: Queryable, commandId: string, problem: string): Promise<void> {
  await tx.query(
    `update hookline.control_commands
        set outcome = 'refused', outcome_detail = $2, settled_at = now()
      where command_id = $1 and outcome is null`,
    [commandId, problem],
  );
}
