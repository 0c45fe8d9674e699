import type { Control } from '@hookline/contracts';
import { shareCommandsLock } from '../control/commands-lock.ts';
import type { Database } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { storedTarget } from './control-target.ts';

/**
 * Writes commands for the owners of partitions that do not read, who apply them under the fence, in this order. A command that is there
 * already, by its id, stays as it is: it may have been settled since.
 *
 * `MOVED`: the log has moved to another topic, and nothing was written. The move refuses what was written before; what came
 * after it would wait for an owner that there is no more.
 */
export async function writeCommands(
  database: Database,
  { consumerGroup, topic }: Omit<PartitionPlace, 'partition'>,
  commands: readonly { partition: number; control: Control }[],
): Promise<{ success: true } | { success: false; reason: 'MOVED' }> {
  if (commands.length === 0) return { success: true };
  const controls = commands.map(({ control }) => control);
  return transaction<{ success: true } | { success: false; reason: 'MOVED' }>(database, {}, async (tx) => {
    await shareCommandsLock(tx);
    const moved = await tx.query(`select from hookline.topic_generations where topic = $1 and state = 'moved'`, [
      topic,
    ]);
    if (moved.rowCount > 0) return rollback({ success: false, reason: 'MOVED' });
    await tx.query(
      `insert into hookline.control_commands
            (command_id, consumer_group, topic, kafka_partition, command, target, actor, why, via)
     select command_id, $1, $2, kafka_partition, command, target, actor, why, 'table'
       from unnest($3::uuid[], $4::integer[], $5::text[], $6::jsonb[], $7::text[], $8::text[])
            with ordinality as asked (command_id, kafka_partition, command, target, actor, why, n)
      order by n
         on conflict (command_id) do nothing`,
      [
        consumerGroup,
        topic,
        controls.map(({ commandId }) => commandId),
        commands.map(({ partition }) => partition),
        controls.map(({ command }) => command),
        controls.map((control) => JSON.stringify(storedTarget(control))),
        controls.map(({ actor }) => actor),
        controls.map(({ why }) => why),
      ],
    );
    return commit({ success: true });
  });
}
