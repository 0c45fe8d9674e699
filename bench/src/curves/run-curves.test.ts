import { testStack } from '@hookline/local-stack';
import { describe, expect, it } from '@jest/globals';
import type { BenchContext } from '../bench.ts';
import type { Curve } from './curve.ts';
import { describeMachine } from '../report/machine.ts';
import { measurePoint, runCurves } from './run-curves.ts';

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

describe('curves', () => {
  const failing: Curve = { ...curveOf({ values: {}, ledger }), name: 'fails' };
  const good = curveOf({ values: { rate: 7 }, ledger });

  async function run(...curves: Curve[]) {
    const lines: string[] = [];
    const around = {
      machine: describeMachine(),
      stack: await testStack(),
      say: (line: string) => void lines.push(line),
    };
    return { result: await runCurves({ curves, scale: 1, resume: null }, around), lines };
  }

  it('are reported with their points, and with where they were measured', async () => {
    const { result } = await run(good);
    const { name, about, x, series } = good;
    const drawn = { name, about, x: { label: x.label }, series, points: [{ x: 1, values: { rate: 7 } }] };
    expect(result).toMatchObject({ success: true, report: { scale: 1, curves: [drawn] } });
  });

  it('are measured behind one that fails, and are no report without it', async () => {
    const { result, lines } = await run(failing, good);
    expect(result).toEqual({ success: false, problem: 'Without fails there is no report.' });
    expect(lines).toEqual([
      'fails, point 1 of 1: 1 nothing',
      expect.stringContaining('fails failed: Error: fails, at 1, measured undefined'),
      'a-curve, point 1 of 1: 1 nothing',
    ]);
  });
});
