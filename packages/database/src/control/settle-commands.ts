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
 * Writes what became of commands, in the transaction that made it so: from now on their ids are known, and they have no
 * effect again, however often they are in the log. One round trip.
 *
 * @throws when one was settled before: who applies has looked under the fence
 */
export async function settleCommands(tx: Queryable, fence: Fence, settled: readonly SettledCommand[]): Promise<void> {
  if (settled.length === 0) return;
  const controls = settled.map(({ order }) => writeControl(order));
  const { rowCount } = await tx.query(
    `insert into hookline.control_commands as known
            (command_id, consumer_group, topic, kafka_partition, command, target, actor, why, via, incarnation,
             kafka_offset, outcome, outcome_detail, settled_at)
     select command_id, $1, $2, $3, command, target, actor, why, case when log_offset is null then 'table' else 'log' end,
            case when log_offset is not null then $4::integer end, log_offset, outcome, detail, now()
       from unnest($5::uuid[], $6::text[], $7::jsonb[], $8::text[], $9::text[], $10::bigint[], $11::text[], $12::text[])
            as settled (command_id, command, target, actor, why, log_offset, outcome, detail)
         on conflict (command_id)
         do update set outcome = excluded.outcome, outcome_detail = excluded.outcome_detail, settled_at = now()
          where known.outcome is null`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      fence.incarnation,
      settled.map(({ order }) => order.commandId),
      controls.map(({ command }) => command),
      controls.map((control) => JSON.stringify(storedTarget(control))),
      settled.map(({ order }) => order.actor),
      settled.map(({ order }) => order.why),
      settled.map(({ offset }) => offset),
      settled.map(({ outcome }) => outcome),
      settled.map(({ detail }) => storableText(detail, MAX_DETAIL_BYTES)),
    ],
  );
  const missing = settled.length - rowCount;
  if (missing > 0) throw new Error(`Of ${settled.length} commands, ${missing} had an effect before.`);
}
