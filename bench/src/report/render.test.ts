import { describe, expect, it } from '@jest/globals';
import type { Pair } from '../run-pairs.ts';
import { aBench } from '../testing/a-bench.ts';
import { describeMachine } from './machine.ts';
import { renderJson, renderText } from './render.ts';
import { summarise } from './summarise.ts';

const bench = aBench({
  figures: [
    { name: 'speed', unit: '1/s', target: { atLeast: 0.7 } },
    { name: 'wait', unit: 'ms', target: { atMost: 1.05 } },
    { name: 'memory', unit: 'MiB' },
  ],
});
const pair = (baseline: number[], subject: number[]): Pair => {
  const values = ([speed = 0, wait = 0, memory = 0]: number[]) => ({ speed, wait, memory });
  return { first: 'baseline', baseline: values(baseline), subject: values(subject) };
};
const pairs = [pair([1000, 10, 5], [800, 12, 5]), pair([2000, 10, 5], [1400, 11, 5]), pair([100, 10, 5], [90, 13, 5])];
const machine = { ...describeMachine(), platform: 'here', cpu: 'a CPU', cores: 2, memoryGib: 4, node: 'v1', load: 0.5 };

describe('the summary', () => {
  it('has the median of the ratios, not the ratio of the medians: only runs of one pair are alike', () => {
    const [speed, wait, memory] = summarise(bench, pairs).figures;
    // The ratio of the medians would be 800 / 1000 just the same; that of the means would be 0.74.
    expect(speed).toMatchObject({
      baseline: 1000,
      subject: 800,
      ratio: { median: 0.8, min: 0.7, max: 0.9 },
      met: true,
    });
    expect(wait).toMatchObject({ ratio: { median: 1.2, min: 1.1, max: 1.3 }, met: false });
    expect(memory).toMatchObject({ ratio: { median: 1 }, met: null });
  });

  it('differs from the ratio of the medians where pairs ran on a machine that was busy now and then', () => {
    const [speed] = summarise(bench, [
      pair([100, 1, 1], [90, 1, 1]),
      pair([10, 1, 1], [9, 1, 1]),
      pair([50, 1, 1], [10, 1, 1]),
    ]).figures;
    expect([speed?.baseline, speed?.subject, speed?.ratio.median]).toEqual([50, 10, 0.9]);
  });

  it('meets a target exactly at its bound', () => {
    expect(summarise(bench, [pair([10, 20, 1], [7, 21, 1])]).figures.map(({ met }) => met)).toEqual([true, true, null]);
  });
});

describe('rendered', () => {
  it('as text it says what was compared, on what, and which targets were met', () => {
    expect(renderText({ machine, scale: 1, benches: [summarise(bench, pairs)] })).toBe(
      `
a-bench: compares one thing with another.
3 pairs; values and ratio (new / old) are medians.
              old   new  ratio    min    max  target
speed, 1/s   1000   800  0.800  0.700  0.900  ≥ 0.7 ✓
wait, ms     10.0  12.0  1.200  1.100  1.300  ≤ 1.05 ✗
memory, MiB  5.00  5.00  1.000  1.000  1.000

On 2 × a CPU, 4 GiB, here, Node v1, load 0.5 before the run.`.trim(),
    );
  });

  it('says that a reduced run is not to be quoted', () => {
    expect(renderText({ machine, scale: 0.1, benches: [] })).toContain('At 0.1 of the size');
  });

  it('as JSON it is one line with the values of every run', () => {
    const json = renderJson({ machine, scale: 1, benches: [summarise(bench, pairs)] });
    expect(json).not.toContain('\n');
    expect(JSON.parse(json)).toMatchObject({ benches: [{ pairs: [{ subject: { speed: 800 } }, {}, {}] }] });
  });
});
