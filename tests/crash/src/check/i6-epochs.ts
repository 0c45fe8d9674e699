import { placeOf, type AuditRow, type Facts, type Owner } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I6: a stale owner has committed nothing. Epochs only grow along what was written of a partition, and the effects of a
 * record were written under the epoch of its decision.
 */
export function noStaleOwner(facts: Facts, outcomes: readonly Outcome[]): Violation[] {
  const { from, audit, offsets, effects, staleEffects, takeovers } = facts;
  const present = new Map(offsets.map(({ partition, epoch }) => [partition, epoch]));
  const byPlace = new Map(outcomes.map((outcome) => [outcome.place, outcome]));
  const isForgotten = (partition: string, offset: bigint): boolean =>
    byPlace.get(placeOf({ partition, offset }))?.forgotten === true;
  const stale: string[] = [];
  const backwards: string[] = [];
  for (const [partition, rows] of Map.groupBy(audit, (row) => row.by)) {
    let epoch = 0n;
    let offset = (from.get(partition) ?? 0n) - 1n;
    for (const row of rows) {
      const what = `${placeOf(row)} ${row.stage} ${row.decision} under epoch ${row.epoch}`;
      if (row.epoch < epoch || row.epoch > (present.get(partition) ?? 0n)) stale.push(`${what}, after ${epoch}`);
      if (row.epoch > epoch) epoch = row.epoch;
      if (row.stage !== 'log' || row.offset === null) continue;
      while (isForgotten(partition, offset + 1n)) offset += 1n;
      if (row.offset !== offset + 1n) backwards.push(`${what}, after offset ${offset}`);
      offset = row.offset;
    }
  }
  const foreign = effects.filter((effect) => {
    const outcome = byPlace.get(placeOf(effect));
    return effect.owner === null || (outcome !== undefined && !mayHaveWritten(outcome, effect.owner));
  });
  return [
    ...violation('I6', 'decisions of a stale owner', stale),
    ...violation(
      'I6',
      'effects that were committed after a later owner had taken over',
      staleEffects.map((effect) => `${placeOf(effect)} written as ${effect.writtenAs}`),
    ),
    ...violation('I6', 'takeovers without an epoch of their own', shared(takeovers)),
    ...violation('I6', 'decisions that were not written in the order of the log', backwards),
    ...violation(
      'I6',
      'effects of another owner than the one that decided',
      foreign.map((effect) => `${placeOf(effect)} ${effect.handler} written as ${effect.writtenAs}`),
    ),
  ];
}

function shared(takeovers: Facts['takeovers']): string[] {
  const times = Map.groupBy(takeovers, ({ partition, epoch }) => `partition ${partition}, epoch ${epoch}`);
  return [...times].filter(([, all]) => all.length > 1).map(([name, all]) => `${name}: ${all.length} takeovers`);
}

/** A handler of a last run has a transaction of its own, which a later owner's can follow, of the next generation even. */
function mayHaveWritten({ log, lane, waiting, forgotten, record }: Outcome, { partition, epoch }: Owner): boolean {
  const has = (row: AuditRow): boolean => row.decision === 'processed' && row.by === partition && row.epoch === epoch;
  if (log.some(has) || lane.some(has) || waiting > 0 || forgotten) return true;
  return lane.some(
    (row) =>
      ['processed', 'dead-lettered'].includes(row.decision) &&
      (row.by === partition ? row.epoch >= epoch : partition === record.partition),
  );
}
