import { describe, expect, it } from '@jest/globals';
import type { BenchContext, Side, Values } from './bench.ts';
import { runPairs } from './run-pairs.ts';
import { aBench } from './testing/a-bench.ts';

const stack = { provider: 'processes' as const, brokers: [], registryUrl: '', databaseUrl: '' };
const context: BenchContext = { stack, scale: 1, from: 'source', profiles: null, say: () => {} };

/** A bench that measures these in turn, and notes which side was asked. */
function measuring(values: Values[]) {
  const asked: Side[] = [];
  const bench = aBench({
    measure: (side) => {
      asked.push(side);
      return Promise.resolve(values[asked.length - 1] ?? {});
    },
  });
  return { bench, asked };
}

describe('pairs', () => {
  it('begin with one side and then with the other, and each value is kept with its own side', async () => {
    const { bench, asked } = measuring([1, 2, 3, 4, 5, 6].map((speed) => ({ speed })));
    const pairs = await runPairs(bench, { pairs: 3, together: false }, context);
    expect(asked).toEqual(['baseline', 'subject', 'subject', 'baseline', 'baseline', 'subject']);
    expect(pairs).toEqual([
      { first: 'baseline', baseline: { speed: 1 }, subject: { speed: 2 } },
      { first: 'subject', subject: { speed: 3 }, baseline: { speed: 4 } },
      { first: 'baseline', baseline: { speed: 5 }, subject: { speed: 6 } },
    ]);
  });

  it('run at once where that is asked for', async () => {
    const begun: Side[] = [];
    let bothBegan: () => void = () => {};
    const both = new Promise<void>((resolve) => (bothBegan = resolve));
    const bench = aBench({
      async measure(side) {
        if (begun.push(side) === 2) bothBegan();
        await both;
        return { speed: side === 'baseline' ? 2 : 1 };
      },
    });
    expect(await runPairs(bench, { pairs: 1, together: true }, context)).toEqual([
      { first: 'both', baseline: { speed: 2 }, subject: { speed: 1 } },
    ]);
  });

  // A figure that is not there would come out as a ratio that is none.
  it.each([[{}], [{ speed: 0 }], [{ speed: Number.NaN }], [{ speed: Infinity }]])('refuse %j', async (values) => {
    await expect(
      runPairs(measuring([{ speed: 1 }, values]).bench, { pairs: 1, together: false }, context),
    ).rejects.toThrow(/a-bench measured .* for "speed" \(new\)/);
  });
});
