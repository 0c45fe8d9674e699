import { describe, expect, it } from '@jest/globals';
import type { BenchContext, Side, Values } from './bench.ts';
import { measureOnce, runPairs, type Run } from './run-pairs.ts';
import { aBench } from './testing/a-bench.ts';

const stack = { provider: 'processes' as const, brokers: [], registryUrl: '', databaseUrl: '' };
const context: BenchContext = { stack, scale: 1, from: 'source', profiles: null, say: () => {} };
const ledger = { published: 1, completed: 1, missing: 0 };
const alone = aBench({ sides: { subject: 'new' } });

/** Runs that measure 1, 2, 3 … in turn, and note which side was asked. */
function counting() {
  const asked: Side[] = [];
  const run: Run = (side) => Promise.resolve({ values: { speed: asked.push(side) }, ledger });
  return { asked, run };
}

describe('pairs', () => {
  it('begin with one side and then with the other, and each value is kept with its own side', async () => {
    const { asked, run } = counting();
    const pairs = await runPairs(aBench(), { pairs: 3, together: false }, run);
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
    const run: Run = async (side) => {
      if (begun.push(side) === 2) bothBegan();
      await both;
      return { values: { speed: side === 'baseline' ? 2 : 1 }, ledger };
    };
    expect(await runPairs(aBench(), { pairs: 1, together: true }, run)).toEqual([
      { first: 'both', baseline: { speed: 2 }, subject: { speed: 1 } },
    ]);
  });

  it('have no other side where there is nothing to compare with', async () => {
    const { asked, run } = counting();
    expect(await runPairs(alone, { pairs: 2, together: true }, run)).toEqual([
      { first: 'subject', subject: { speed: 1 } },
      { first: 'subject', subject: { speed: 2 } },
    ]);
    expect(asked).toEqual(['subject', 'subject']);
  });
});

describe('a run', () => {
  const measuring = (values: Values, changes = {}) =>
    aBench({ measure: () => Promise.resolve({ values, ledger }), ...changes });

  // A figure that is not there would come out as a ratio that is none.
  it.each([[{}], [{ speed: 0 }], [{ speed: Number.NaN }], [{ speed: Infinity }]])('refuses %j', async (values) => {
    await expect(measureOnce(measuring(values), 'subject', context)).rejects.toThrow(
      /a-bench \(new\) measured .* for "speed"/,
    );
  });

  it('may measure nothing of what is not compared: none were refused, say', async () => {
    const values = { figures: [{ name: 'speed', unit: '1', of: 'value' }] };
    expect(await measureOnce(measuring({ speed: 0 }, values), 'subject', context)).toMatchObject({ ledger });
    expect(await measureOnce(measuring({}, values), 'baseline', context)).toMatchObject({ values: {} });
    await expect(measureOnce(measuring({}, values), 'subject', context)).rejects.toThrow('measured undefined');
    expect(await measureOnce(measuring({ speed: 0 }, alone), 'subject', context)).toMatchObject({ ledger });
  });

  it('is void where its ledger does not add up', async () => {
    const lost = { ledger: { published: 3, completed: 2, missing: 0 }, values: { speed: 9 } };
    await expect(measureOnce(aBench({ measure: () => Promise.resolve(lost) }), 'subject', context)).rejects.toThrow(
      'A run of a-bench (new) is void: the ledger does not add up: 3 published, 2 completed, 0 missing.',
    );
  });
});
