import type { Facts } from './facts.ts';
import { violation, type Violation } from './violation.ts';

/** I3: per handler and key, effects were committed in the order of the log. Their numbers say in which they were. */
export function inLogOrder({ effects }: Pick<Facts, 'effects'>): Violation[] {
  const reordered: string[] = [];
  const misnumbered: string[] = [];
  for (const [name, written] of Map.groupBy(effects, ({ handler, key }) => `${handler} ${key}`)) {
    const inOrder = written.toSorted((a, b) => Number(a.nth - b.nth) || Number(a.id - b.id));
    inOrder.forEach((effect, index) => {
      const before = inOrder[index - 1];
      const what = `${name}: ${effect.partition}/${effect.offset} as number ${effect.nth}`;
      if (before && effect.offset <= before.offset) reordered.push(`${what}, after ${before.offset}`);
      if (effect.nth !== BigInt(index + 1)) misnumbered.push(what);
    });
  }
  return [
    ...violation('I3', 'effects of a repository are not in log order', reordered),
    ...violation('I3', 'effects of a repository are not numbered one after another', misnumbered),
  ];
}
