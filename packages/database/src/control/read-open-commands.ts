import { readControl, type Control, type ControlOrder } from '@hookline/contracts';
import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { readTarget, type StoredTarget } from '../operators/control-target.ts';

/** A command that was written to the table, for the owner of a partition to apply. */
export interface OpenCommand {
  partition: number;
  commandId: string;
  actor: string;
  /** Null: nobody can tell what it says, and `problem` says why. */
  order: ControlOrder | null;
  problem: string | null;
}

/** What waits to be applied by the owners of these partitions, in the order in which it was written; at most `limit`. One round trip. */
export async function readOpenCommands(
  database: Queryable,
  { consumerGroup, topic }: Omit<PartitionPlace, 'partition'>,
  partitions: readonly number[],
  limit: number,
): Promise<OpenCommand[]> {
  if (partitions.length === 0) return [];
  const { rows } = await database.query<{
    kafka_partition: number;
    command_id: string;
    command: string;
    target: StoredTarget;
    actor: string;
    why: string;
    requested_at: Date;
  }>(
    `select kafka_partition, command_id, command, target, actor, why, requested_at
       from hookline.control_commands
      where consumer_group = $1 and topic = $2 and kafka_partition = any ($3) and outcome is null
      order by request_number
      limit $4`,
    [consumerGroup, topic, partitions, limit],
  );
  return rows.map(
    ({ kafka_partition: partition, command_id: commandId, command, target, actor, why, requested_at }) => {
      const decided = { commandId, command, actor, why, issuedAt: requested_at.getTime() };
      const control: Control = { ...readTarget(target), ...decided };
      const read = readControl(control);
      return read.success
        ? { partition, commandId, actor, order: read.order, problem: null }
        : { partition, commandId, actor, order: null, problem: read.problem };
    },
  );
}
