import type { ControlOrder } from '@hookline/contracts';

/**
 * Orders in a row that are applied together: redrives, or decisions of one kind about effects, each by another command and
 * about another thing, so that none sees what another has done. Every other order is one by itself. Pure.
 */
export function batchOrders<T extends { order: ControlOrder | null }>(records: readonly T[]): T[][] {
  const batches: T[][] = [];
  let open: { batch: T[]; command: string; known: Set<string> } | null = null;
  for (const record of records) {
    const names = namesOf(record.order);
    const command = record.order?.target.command ?? '';
    if (open && names && open.command === command && !names.some((name) => open?.known.has(name))) {
      open.batch.push(record);
    } else {
      const batch = [record];
      batches.push(batch);
      open = names && { batch, command, known: new Set() };
    }
    for (const name of names ?? []) open?.known.add(name);
  }
  return batches;
}

/** By what two orders are about one thing; null: it is always alone. */
function namesOf(order: ControlOrder | null): string[] | null {
  if (!order) return null;
  const { commandId, target } = order;
  if (target.command === 'redrive') return [commandId, `${target.incarnation}/${target.offset}`];
  return 'effectId' in target ? [commandId, target.effectId] : null;
}
