import type { Control } from '@hookline/contracts';
import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { storedTarget } from './control-target.ts';

/**
 * Writes commands for the owners of partitions that do not read, who apply them under the fence, in this order. A command that is there
 * already, by its id, stays as it is: it may have been settled since. One round trip.
 */
export async function writeCommands(
  database: Queryable,
  { consumerGroup, topic }: Omit<PartitionPlace, 'partition'>,
  commands: readonly { partition: number; control: Control }[],
): Promise<void> {
  if (commands.length === 0) return;
  const controls = commands.map(({ control }) => control);
  await database.query(
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
}
