import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BenchContext, Side } from '../bench.ts';
import { aBench } from '../testing/a-bench.ts';
import { runBench } from './run-bench.ts';
import { openRunStore, type RunStore } from './run-store.ts';

const stack = { provider: 'processes' as const, brokers: [], registryUrl: '', databaseUrl: '' };
const context: BenchContext = { stack, scale: 0.5, from: 'source', profiles: null, say: () => {} };
const options = { pairs: 2, together: false, store: null };

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'hookline-runs-'))));
afterEach(() => rm(directory, { recursive: true }));

async function openStore(): Promise<RunStore> {
  const opened = await openRunStore(directory, {});
  if (!opened.success) throw new Error(opened.problem);
  return opened.store;
}

/** A bench whose runs measure 1, 2, 3 …, and of which the one with that number is ended. */
function noting(endedAt = Infinity) {
  const made: [Side, number][] = [];
  const bench = aBench({
    measure(side, { scale }) {
      const speed = made.push([side, scale]);
      if (speed === endedAt) return Promise.reject(new Error('Ended.'));
      return Promise.resolve({ values: { speed }, ledger: { published: 1, completed: 1, missing: 0 } });
    },
  });
  return { bench, made };
}

describe('a bench', () => {
  it('warms each side up by a small run that counts nowhere', async () => {
    const { bench, made } = noting();
    const { pairs } = await runBench(bench, options, context);
    expect(made).toEqual([
      ['baseline', 0.025],
      ['subject', 0.025],
      ['baseline', 0.5],
      ['subject', 0.5],
      ['subject', 0.5],
      ['baseline', 0.5],
    ]);
    expect(pairs.map(({ baseline, subject }) => [baseline?.['speed'], subject['speed']])).toEqual([
      [3, 4],
      [6, 5],
    ]);
  });

  it('has no figures where a run fails', async () => {
    expect(await runBench(noting(4).bench, options, context)).toMatchObject({
      failed: 'Ended.',
      figures: [],
      pairs: [],
    });
  });

  it('that was ended goes on where it was, and gives what it would have given', async () => {
    const ended = noting(5);
    await runBench(ended.bench, { ...options, store: await openStore() }, context);
    const { bench, made } = noting();
    const { pairs } = await runBench(bench, { ...options, store: await openStore() }, context);
    // The first pair is there; of the second one neither side is.
    expect(made.slice(2)).toEqual([
      ['subject', 0.5],
      ['baseline', 0.5],
    ]);
    expect(pairs[0]).toEqual({ first: 'baseline', baseline: { speed: 3 }, subject: { speed: 4 } });
    const whole = noting();
    await runBench(whole.bench, { ...options, store: await openStore() }, context);
    expect(whole.made).toEqual([]);
  });

  it('makes as many pairs as it has by itself where none are asked for', async () => {
    const summary = await runBench({ ...noting().bench, pairs: 3 }, { ...options, pairs: null }, context);
    expect(summary.pairs).toHaveLength(3);
  });
});
