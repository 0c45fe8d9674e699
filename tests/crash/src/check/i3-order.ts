import { placeOf, type Facts } from './facts.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I3: per handler and key, effects were committed in the order of the log, one topic after the other. Their numbers say in
 * which they were.
 */
export function inLogOrder({ effects, log }: Pick<Facts, 'effects' | 'log'>): Violation[] {
  const ranks = new Map(log.map((record, rank) => [placeOf(record), rank]));
  const reordered: string[] = [];
  const misnumbered: string[] = [];
  for (const [name, written] of Map.groupBy(effects, ({ handler, key }) => `${handler} ${key}`)) {
    const inOrder = written.toSorted((a, b) => Number(a.nth - b.nth) || Number(a.id - b.id));
    inOrder.forEach((effect, index) => {
      const before = inOrder[index - 1];
      const what = `${name}: ${placeOf(effect)} as number ${effect.nth}`;
      const [rank, rankBefore] = [effect, before].map((one) => one && ranks.get(placeOf(one)));
      if (before && rank !== undefined && rankBefore !== undefined && rank <= rankBefore) {
        reordered.push(`${what}, after ${placeOf(before)}`);
      }
      if (effect.nth !== BigInt(index + 1)) misnumbered.push(what);
    });
  }
  return [
    ...violation('I3', 'effects of a repository are not in log order', reordered),
    ...violation('I3', 'effects of a repository are not numbered one after another', misnumbered),
  ];
}
