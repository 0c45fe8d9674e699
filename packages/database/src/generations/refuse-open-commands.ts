import { takeCommandsLock } from '../control/commands-lock.ts';
import type { Queryable } from '../database.ts';
import { NO_DELIVERY, writeAudit, type AuditEntry } from '../write-audit.ts';
import type { GenerationMove } from './generation-move.ts';

const DETAIL = 'Its topic generation has moved: decide again.';

interface Refused extends Record<string, unknown> {
  command_id: string;
  actor: string;
  ordering_key: string | null;
  kafka_partition: number;
}

/**
 * Refuses the commands that wait in a table for owners of a log that has moved, since they name a state and a place that are
 * no more, and says so in the audit. Under the fences of that log.
 */
export async function refuseOpenCommands(
  tx: Queryable,
  { consumerGroup, from: topic }: Pick<GenerationMove, 'consumerGroup' | 'from'>,
): Promise<void> {
  await takeCommandsLock(tx);
  const refused = [
    ...(await refuse(tx, 'control_commands', `target ->> 'orderingKey'`, [consumerGroup, topic, DETAIL])),
    ...(await refuse(tx, 'partition_commands', 'null::text', [consumerGroup, topic, DETAIL])),
  ];
  if (refused.length === 0) return;
  const { rows } = await tx.query<{ kafka_partition: number; next_offset: string; epoch: string; incarnation: number }>(
    `select kafka_partition, next_offset, epoch, incarnation
       from hookline.partition_offsets where consumer_group = $1 and topic = $2`,
    [consumerGroup, topic],
  );
  const fences = new Map(rows.map((row) => [row.kafka_partition, row]));
  await writeAudit(
    tx,
    refused.map(
      ({ command_id: commandId, actor, ordering_key: orderingKey, kafka_partition: partition }): AuditEntry => {
        const fence = fences.get(partition);
        return {
          ...{ ...NO_DELIVERY, orderingKey, topic, partition, actor, commandId, detail: DETAIL },
          ...{ stage: 'partition', decision: 'refused', incarnation: fence?.incarnation ?? 1 },
          ...{ offset: BigInt(fence?.next_offset ?? 0), epoch: BigInt(fence?.epoch ?? 0) },
        };
      },
    ),
  );
}

async function refuse(tx: Queryable, table: string, key: string, values: readonly string[]): Promise<Refused[]> {
  const { rows } = await tx.query<Refused>(
    `update hookline.${table}
        set outcome = 'refused', outcome_detail = $3, settled_at = now()
      where consumer_group = $1 and topic = $2 and outcome is null
  returning command_id, actor, ${key} as ordering_key, kafka_partition`,
    [...values],
  );
  return rows;
}
