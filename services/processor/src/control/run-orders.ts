import type { ControlOrder } from '@hookline/contracts';
import {
  commit,
  findSettledCommands,
  NO_DELIVERY,
  refuseCommand,
  rollback,
  settleCommand,
  writeAudit,
  type AuditEntry,
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
import type { Applied, ApplySettings } from './applied.ts';
import { applyOrder } from './apply-order.ts';
import { createMakeLane } from './make-lane.ts';

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
  const settings = { handlers, makeLane: createMakeLane(tx, fence, lanes) };
  const settled = await findSettledCommands(
    tx,
    records.flatMap(({ order }) => (order ? [order.commandId] : [])),
  );
  const decided: DecidedRecord[] = [];
  let laneDueInMs: number | null = null;
  for (const record of records) {
    const { order, offset } = record;
    const end = await decideOrder(tx, fence, order, settled, settings, offset);
    if (end.decision === null) break;
    const { decision, detail, dueInMs } = end;
    const entry = auditOf(fence, order, offset);
    await writeAudit(tx, [{ ...entry, stage: 'log', decision, detail: order ? detail : record.detail }]);
    decided.push({ record, decision, flags: [] });
    if (dueInMs !== null) laneDueInMs = Math.min(laneDueInMs ?? dueInMs, dueInMs);
  }
  const last = decided.at(-1)?.record;
  const [first] = records as [ControlRecord];
  if (!last) return rollback({ success: false, reason: 'LANES_FULL', record: first });
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
  const settings = { handlers, makeLane: createMakeLane(tx, fence, lanes) };
  const settled = await findSettledCommands(tx, [order.commandId]);
  const end = await decideOrder(tx, fence, order, settled, settings, null, nextOffset);
  if (end.decision === null || end.decision === 'duplicate') return rollback(null);
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
  const entry = { ...auditOf(fence, null, nextOffset), actor, commandId, detail };
  await writeAudit(tx, [{ ...entry, stage: 'partition', decision: 'refused' }]);
  return commit({ outcome: 'refused', detail, laneDueInMs: null });
}

type Decided =
  | { decision: 'applied' | 'refused' | 'duplicate'; detail: string; dueInMs: number | null }
  | { decision: null };

async function decideOrder(
  tx: Queryable,
  fence: Fence,
  order: ControlOrder | null,
  settled: Set<string>,
  settings: ApplySettings,
  offset: bigint | null,
  place = offset ?? 0n,
): Promise<Decided> {
  if (!order) return { decision: 'refused', detail: '', dueInMs: null };
  if (settled.has(order.commandId)) {
    return { decision: 'duplicate', detail: 'A command of this id had its effect before.', dueInMs: null };
  }
  const end: Applied = await applyOrder(tx, fence, order, settings);
  if (end.outcome === 'no-room') return { decision: null };
  settled.add(order.commandId);
  await settleCommand(tx, fence, { order, outcome: end.outcome, detail: end.detail, offset });
  const entry = auditOf(fence, order, place);
  if (end.outcome === 'refused') {
    // By the table it has no row of stage `log`.
    if (offset === null) {
      await writeAudit(tx, [{ ...entry, stage: 'partition', decision: 'refused', detail: end.detail }]);
    }
    return { decision: 'refused', detail: end.detail, dueInMs: null };
  }
  await writeAudit(
    tx,
    end.done.map(({ decision, about, handler }) => ({
      ...entry,
      ...about,
      stage: 'operator' as const,
      decision,
      handler: handler ?? null,
      detail: order.why,
    })),
  );
  return { decision: 'applied', detail: end.detail, dueInMs: end.laneDueInMs };
}

function auditOf(
  { topic, partition, incarnation, epoch }: Fence,
  order: ControlOrder | null,
  offset: bigint,
): Omit<AuditEntry, 'stage' | 'decision'> {
  const decided = order && { actor: order.actor, commandId: order.commandId };
  const orderingKey = order?.target.orderingKey ?? null;
  return { ...NO_DELIVERY, orderingKey, topic, partition, incarnation, epoch, offset, ...decided };
}
