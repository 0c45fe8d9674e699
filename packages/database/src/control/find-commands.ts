import type { Queryable } from '../database.ts';

/** Which of the commands have been applied or refused, by id; one round trip. */
export async function findSettledCommands(tx: Queryable, commandIds: readonly string[]): Promise<Set<string>> {
  if (commandIds.length === 0) return new Set();
  const { rows } = await tx.query<{ command_id: string }>(
    'select command_id from hookline.control_commands where command_id = any ($1::uuid[]) and outcome is not null',
    [commandIds],
  );
  return new Set(rows.map(({ command_id: id }) => id));
}
