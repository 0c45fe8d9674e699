import type { Bench } from '../bench.ts';

/** A bench that measures nothing; `changes` win. */
export function aBench(changes: Partial<Bench> = {}): Bench {
  return {
    name: 'a-bench',
    about: 'compares one thing with another.',
    sides: { baseline: 'old', subject: 'new' },
    figures: [{ name: 'speed', unit: '1/s', target: { atLeast: 0.7 } }],
    measure: () => Promise.resolve({ values: { speed: 1 }, ledger: { published: 1, completed: 1, missing: 0 } }),
    ...changes,
  };
}
