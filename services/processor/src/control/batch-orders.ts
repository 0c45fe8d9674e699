import type { ControlOrder } from '@hookline/contracts';

/**
 * Orders in a row that are applied together: redrives, each by another command and of another place, so that none sees
 * what another has done. Every other order is one by itself. Pure.
 */
export function batchOrders<T extends { order: ControlOrder | null }>(records: readonly T[]): T[][] {
  const batches: T[][] = [];
  let open: T[] | null = null;
  let known = new Set<string>();
  for (const record of records) {
    const names = namesOf(record.order);
    if (open && names && !names.some((name) => known.has(name))) {
      open.push(record);
    } else {
      batches.push([record]);
      open = names && (batches.at(-1) as T[]);
      known = new Set();
    }
    for (const name of names ?? []) known.add(name);
  }
  return batches;
}

/** By what two redrives are of one thing; null: it is no redrive. */
function namesOf(order: ControlOrder | null): string[] | null {
  if (order?.target.command !== 'redrive') return null;
  const { incarnation, offset } = order.target;
  return [order.commandId, `${incarnation}/${offset}`];
}
