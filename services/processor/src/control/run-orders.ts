import type { ControlOrder } from '@hookline/contracts';
import {
  commit,
  findSettledCommands,
  refuseCommand,
  rollback,
  settleCommands,
  writeAudit,
  type Ending,
  type Fence,
  type OpenCommand,
  type Queryable,
} from '@hookline/database';
import { advancePast } from '../slice/advance-past.ts';
import type { LaneLimits } from '../slice/lane-room.ts';
import type { ControlRecord } from '../slice/record.ts';
import type { DecidedRecord } from '../slice/write-outcome.ts';
import type { Handler } from '@hookline/handlers';
import { batchOrders } from './batch-orders.ts';
import { auditOf, decideOrders, type OrdersSaid } from './decide-orders.ts';
import { createMakeLanes } from './make-lanes.ts';

export interface OrderSettings {
  handlers: readonly Handler[];
  lanes: LaneLimits;
}

/** What became of control records. */
export type OrdersEnd =
  | { success: true; nextOffset: bigint; decided: DecidedRecord[]; laneDueInMs: number | null }
  /** The first has no room in its lane. Nothing was written. */
  | { success: false; reason: 'LANES_FULL'; record: ControlRecord };

/**
 * Applies control records in log order, each to the state that the one before has left, and moves the stored offset behind
 * them; all of it in one transaction, which holds the fence. Each has one audit row of stage `log`, and one of stage
 * `operator` for each thing that it was done to. A command whose id is known has no effect.
 */
export async function runOrders(
  tx: Queryable,
  fence: Fence,
  records: readonly ControlRecord[],
  { handlers, lanes, noted }: OrderSettings & { noted: boolean },
): Promise<Ending<OrdersEnd>> {
  const settings = { handlers, makeLanes: createMakeLanes(tx, fence, lanes) };
  const settled = await findSettledCommands(
    tx,
    records.flatMap(({ order }) => (order ? [order.commandId] : [])),
  );
  const said: OrdersSaid = { commands: [], audit: [] };
  const decided: DecidedRecord[] = [];
  let laneDueInMs: number | null = null;
  for (const batch of batchOrders(records)) {
    const orders = batch.map(({ order, detail, offset }) => ({ order, detail, offset, place: offset }));
    const ends = await decideOrders(tx, fence, orders, settled, settings, said);
    for (const [i, { decision, dueInMs }] of ends.entries()) {
      decided.push({ record: batch[i] as ControlRecord, decision, flags: [] });
      if (dueInMs !== null) laneDueInMs = Math.min(laneDueInMs ?? dueInMs, dueInMs);
    }
    if (ends.length < batch.length) break;
  }
  const last = decided.at(-1)?.record;
  const [first] = records as [ControlRecord];
  if (!last) return rollback({ success: false, reason: 'LANES_FULL', record: first });
  await settleCommands(tx, fence, said.commands);
  await writeAudit(tx, said.audit);
  const nextOffset = await advancePast(tx, fence, first.offset, last, noted);
  return commit({ success: true, nextOffset, decided, laneDueInMs });
}

/** What became of a command that came by the table. */
export type TableOrderEnd = { outcome: 'applied' | 'refused'; detail: string; laneDueInMs: number | null } | null;

/**
 * Applies a command that was written to the table because its partition does not read. Null: it was settled meanwhile, or
 * has no room yet.
 */
export async function runTableOrder(
  tx: Queryable,
  fence: Fence,
  nextOffset: bigint,
  order: ControlOrder,
  { handlers, lanes }: OrderSettings,
): Promise<Ending<TableOrderEnd>> {
  const settings = { handlers, makeLanes: createMakeLanes(tx, fence, lanes) };
  const settled = await findSettledCommands(tx, [order.commandId]);
  const said: OrdersSaid = { commands: [], audit: [] };
  const [end] = await decideOrders(
    tx,
    fence,
    [{ order, detail: null, offset: null, place: nextOffset }],
    settled,
    settings,
    said,
  );
  if (!end || end.decision === 'duplicate') return rollback(null);
  await settleCommands(tx, fence, said.commands);
  await writeAudit(tx, said.audit);
  return commit({ outcome: end.decision, detail: end.detail, laneDueInMs: end.dueInMs });
}

/** Refuses a command of the table that nobody can read. Null: it was settled meanwhile. */
export async function refuseTableOrder(
  tx: Queryable,
  fence: Fence,
  nextOffset: bigint,
  { commandId, actor, problem }: OpenCommand,
): Promise<Ending<TableOrderEnd>> {
  const detail = problem ?? '';
  if (!(await refuseCommand(tx, commandId, detail))) return rollback(null);
  const entry = { ...auditOf(fence, { order: null, place: nextOffset }), actor, commandId, detail };
  await writeAudit(tx, [{ ...entry, stage: 'partition', decision: 'refused' }]);
  return commit({ outcome: 'refused', detail, laneDueInMs: null });
}
