import { writeControl, type ControlOrder } from '@hookline/contracts';
import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import { storedTarget } from '../operators/control-target.ts';
import { storableText } from '../storable-text.ts';

export interface SettledCommand {
  order: ControlOrder;
  outcome: 'applied' | 'refused';
  detail: string;
  /** Its place in the log; null where it came by the table. */
  offset: bigint | null;
}

const MAX_DETAIL_BYTES = 4096;

/**
 * Writes what became of a command, in the transaction that made it so: from now on its id is known, and it has no effect
 * again, however often it is in the log. One round trip.
 *
 * @throws when it was settled before: who applies has looked under the fence
 */
export async function settleCommand(
  tx: Queryable,
  fence: Fence,
  { order, outcome, detail, offset }: SettledCommand,
): Promise<void> {
  const control = writeControl(order);
  const { rowCount } = await tx.query(
    `insert into hookline.control_commands as known
            (command_id, consumer_group, topic, kafka_partition, command, target, actor, why, via, incarnation,
             kafka_offset, outcome, outcome_detail, settled_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, case when $10::bigint is null then 'table' else 'log' end,
             case when $10::bigint is not null then $9::integer end, $10, $11, $12, now())
         on conflict (command_id)
         do update set outcome = excluded.outcome, outcome_detail = excluded.outcome_detail, settled_at = now()
          where known.outcome is null`,
    [
      order.commandId,
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      control.command,
      JSON.stringify(storedTarget(control)),
      order.actor,
      order.why,
      fence.incarnation,
      offset,
      outcome,
      storableText(detail, MAX_DETAIL_BYTES),
    ],
  );
  if (rowCount !== 1) throw new Error(`The command ${order.commandId} has had its effect before.`);
}
