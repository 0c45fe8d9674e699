import type { ControlOrder } from '@hookline/contracts';
import { NO_DELIVERY, type AuditEntry, type Fence, type Queryable, type SettledCommand } from '@hookline/database';
import type { Applied, ApplySettings } from './applied.ts';
import { applyOrders } from './apply-orders.ts';

/** What is to be written about orders, once for all of a transaction, before it is committed. */
export interface OrdersSaid {
  commands: SettledCommand[];
  audit: AuditEntry[];
}

/** An order, and where it was read. */
export interface ReadOrder {
  /** Null: nobody can read it. */
  order: ControlOrder | null;
  /** A note of what is wrong with it, where nobody can read it. */
  detail: string | null;
  /** Null: it came by the table. */
  offset: bigint | null;
  /** The place that the audit names. */
  place: bigint;
}

/** What became of an order. */
export interface DecidedOrder {
  decision: 'applied' | 'refused' | 'duplicate';
  detail: string;
  dueInMs: number | null;
}

const UNREADABLE: DecidedOrder = { decision: 'refused', detail: '', dueInMs: null };

const KNOWN: DecidedOrder = {
  decision: 'duplicate',
  detail: 'A command of this id had its effect before.',
  dueInMs: null,
};

/**
 * Decides about orders that go together (`batchOrders`), up to the first that has no room. What nobody can read is refused;
 * one whose id is in `settled` has no effect, and so will these. What there is to write of them is added to `said`.
 */
export async function decideOrders(
  tx: Queryable,
  fence: Fence,
  reads: readonly ReadOrder[],
  settled: Set<string>,
  settings: ApplySettings,
  said: OrdersSaid,
): Promise<DecidedOrder[]> {
  const fresh = reads.flatMap(({ order }) => (order && !settled.has(order.commandId) ? [order] : []));
  const targets = fresh.map(({ target }) => target);
  const applied = (await applyOrders(tx, fence, targets, settings)).values();
  const decided: DecidedOrder[] = [];
  for (const read of reads) {
    const { order } = read;
    if (!order) decided.push(saidInLog(fence, read, UNREADABLE, said));
    else if (settled.has(order.commandId)) decided.push(saidInLog(fence, read, KNOWN, said));
    else {
      const end = applied.next().value;
      if (!end || end.outcome === 'no-room') break;
      settled.add(order.commandId);
      decided.push(sayEnd(fence, read, order, end, said));
    }
  }
  return decided;
}

/** What an order was, as its command and the audit have it. */
function sayEnd(
  fence: Fence,
  read: ReadOrder,
  order: ControlOrder,
  end: Exclude<Applied, { outcome: 'no-room' }>,
  { commands, audit }: OrdersSaid,
): DecidedOrder {
  const { outcome, detail } = end;
  commands.push({ order, outcome, detail, offset: read.offset });
  const entry = auditOf(fence, read);
  if (end.outcome === 'applied') {
    for (const { decision, about, handler = null, effectId = null } of end.done) {
      audit.push({ ...entry, ...about, stage: 'operator', decision, handler, effectId, detail: order.why });
    }
  } else if (read.offset === null) {
    // By the table it has no row of stage `log`.
    audit.push({ ...entry, stage: 'partition', decision: 'refused', detail });
  }
  const decided = { decision: outcome, detail, dueInMs: end.outcome === 'applied' ? end.laneDueInMs : null };
  return saidInLog(fence, read, decided, { commands, audit });
}

/** One row of stage `log` for each record of the log, behind those of what it has done. */
function saidInLog(fence: Fence, read: ReadOrder, decided: DecidedOrder, { audit }: OrdersSaid): DecidedOrder {
  const { order, offset, detail } = read;
  if (offset !== null) {
    audit.push({
      ...auditOf(fence, read),
      stage: 'log',
      decision: decided.decision,
      detail: order ? decided.detail : detail,
    });
  }
  return decided;
}

/** What the audit says of an order, but for what became of it. */
export function auditOf(
  { topic, partition, incarnation, epoch }: Fence,
  { order, place: offset }: Pick<ReadOrder, 'order' | 'place'>,
): Omit<AuditEntry, 'stage' | 'decision'> {
  const decided = order && { actor: order.actor, commandId: order.commandId };
  const orderingKey = order?.target.orderingKey ?? null;
  return { ...NO_DELIVERY, orderingKey, topic, partition, incarnation, epoch, offset, ...decided };
}
