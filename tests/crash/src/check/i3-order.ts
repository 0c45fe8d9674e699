import { placeOf, type AuditRow, type Facts } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I3: per handler and key, effects were committed in the order of the log; what has run again, or was released, in that of
 * what has had it run: a redelivery, or a command. Their numbers say in which they were. And of a key that an operator holds
 * nothing runs.
 */
export function inLogOrder({ effects, audit }: Facts, outcomes: readonly Outcome[]): Violation[] {
  const stories = new Map(outcomes.map(({ place, story }) => [place, story]));
  const reordered: string[] = [];
  const misnumbered: string[] = [];
  for (const [name, written] of Map.groupBy(effects, ({ handler, key }) => `${handler} ${key}`)) {
    const inOrder = written.toSorted((a, b) => Number(a.nth - b.nth) || Number(a.id - b.id));
    let last = -1n;
    inOrder.forEach((effect, index) => {
      const since = stories.get(placeOf(effect))?.handlers.get(effect.handler)?.since ?? null;
      const what = `${name}: ${placeOf(effect)} as number ${effect.nth}`;
      if (effect.nth !== BigInt(index + 1)) misnumbered.push(what);
      // Nothing has had it run, which is another promise; or it was so long ago that nobody knows.
      if (since === null || since === 0n) return;
      if (since <= last) reordered.push(`${what}, by row ${since} of the audit after row ${last}`);
      last = since;
    });
  }
  return [
    ...violation('I3', 'effects of a repository are not in log order', reordered),
    ...violation('I3', 'effects of a repository are not numbered one after another', misnumbered),
    ...violation('I3', 'deliveries ran though their repository was held', ranWhileHeld(audit)),
  ];
}

function ranWhileHeld(audit: readonly AuditRow[]): string[] {
  const held = new Set<string>();
  return audit.flatMap((row) => {
    const { key, stage, decision } = row;
    if (key === null) return [];
    if (stage === 'operator' && row.guid === null && decision === 'held') held.add(key);
    if (stage === 'operator' && row.guid === null && decision === 'released') held.delete(key);
    return decision === 'processed' && held.has(key) ? [`${placeOf(row)} ${key} in the ${stage}`] : [];
  });
}
