import { describe, expect, it } from '@jest/globals';
import type { BenchContext } from '../bench.ts';
import type { Curve } from './curve.ts';
import { measurePoint } from './run-curves.ts';

const stack = { provider: 'processes' as const, brokers: [], registryUrl: '', databaseUrl: '' };
const context: BenchContext = { stack, scale: 1, from: 'source', profiles: null, say: () => {} };
const ledger = { published: 1, completed: 1, missing: 0 };

function curveOf(measured: Awaited<ReturnType<Curve['measure']>>): Curve {
  return {
    name: 'a-curve',
    about: 'shows nothing.',
    x: { label: 'nothing', at: [1] },
    series: [{ name: 'rate', unit: '1/s' }],
    measure: () => Promise.resolve(measured),
  };
}

describe('a point', () => {
  it('has a value for each of the series, zero included', async () => {
    const measured = { values: { rate: 0 }, ledger };
    expect(await measurePoint(curveOf(measured), 1, context)).toBe(measured);
  });

  it.each([
    [{ values: {}, ledger }, 'a-curve, at 1, measured undefined for "rate".'],
    [{ values: { rate: Number.NaN }, ledger }, 'a-curve, at 1, measured NaN for "rate".'],
    [{ values: { rate: 1 }, ledger: { ...ledger, completed: 0 } }, 'is void: the ledger does not add up'],
  ])('is refused where it is %j', async (measured, problem) => {
    await expect(measurePoint(curveOf(measured), 1, context)).rejects.toThrow(problem);
  });
});
