import { describe, expect, it } from '@jest/globals';
import type { Pair } from '../run-pairs.ts';
import { aBench } from '../testing/a-bench.ts';
import { describeMachine } from './machine.ts';
import { renderMarkdown } from './render-markdown.ts';
import { renderJson, renderText } from './render.ts';
import { summarise, summariseFailure } from './summarise.ts';

const bench = aBench({
  pairs: 3,
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
const on = { machine, versions: { Node: 'v1', Kafka: '4' }, scale: 1 };
const alone = aBench({
  sides: { subject: 'new' },
  pairs: 3,
  figures: [{ name: 'refused', unit: '1', target: { atMost: 2 } }],
});

describe('the summary', () => {
  it('has the median of the ratios, not the ratio of the medians: only runs of one pair are alike', () => {
    const [speed, wait, memory] = summarise(bench, pairs).figures;
    // The ratio of the medians would be 800 / 1000 just the same; that of the means would be 0.74.
    expect(speed).toMatchObject({
      baseline: 1000,
      subject: 800,
      ratio: { median: 0.8, low: 0.7, high: 0.9 },
      met: true,
    });
    expect(wait).toMatchObject({ ratio: { median: 1.2, low: 1.1, high: 1.3 }, met: false });
    expect(memory).toMatchObject({ ratio: { median: 1 }, met: null });
  });

  it('differs from the ratio of the medians where pairs ran on a machine that was busy now and then', () => {
    const [speed] = summarise(bench, [
      pair([100, 1, 1], [90, 1, 1]),
      pair([10, 1, 1], [9, 1, 1]),
      pair([50, 1, 1], [10, 1, 1]),
    ]).figures;
    expect([speed?.baseline, speed?.subject, speed?.ratio?.median]).toEqual([50, 10, 0.9]);
  });

  it('meets a target exactly at its bound, and only with the whole interval', () => {
    const same = (speed: number, wait: number) => pair([10, 20, 1], [speed, wait, 1]);
    const met = (...them: Pair[]) => summarise(bench, them).figures.map((figure) => figure.met);
    expect(met(same(7, 21), same(7, 21), same(7, 21))).toEqual([true, true, null]);
    // The medians are better than asked for; one pair of three says that they might not be.
    expect(met(same(9, 20), same(9, 20), same(6, 22))).toEqual([false, false, null]);
  });

  it('judges nothing by too few pairs', () => {
    expect(summarise(bench, pairs.slice(0, 2)).figures.map(({ met }) => met)).toEqual([null, null, null]);
    const five = { ...bench, pairs: 9 };
    expect(summarise(five, [...pairs, ...pairs].slice(0, 5)).figures[0]?.met).toBe(true);
  });

  it('judges the value itself where that is asked for, and where there is nothing to compare it with', () => {
    const commits = { name: 'speed', unit: '1', of: 'value', target: { atMost: 1400 } } as const;
    const [figure] = summarise({ ...bench, figures: [commits] }, pairs).figures;
    expect(figure).toMatchObject({ ratio: null, baseline: 1000, value: { median: 800, high: 1400 }, met: true });
    const runs = [0, 1, 3].map((refused) => ({ first: 'subject', subject: { refused } }) as const);
    const [refused] = summarise(alone, runs).figures;
    expect(refused).toMatchObject({ ratio: null, baseline: null, value: { median: 1, high: 3 }, met: false });
  });
});

describe('rendered', () => {
  it('as text it says what was compared, on what, and which targets were met', () => {
    const withVersions = { ...summarise(bench, pairs), versions: { peer: '1.2' } };
    expect(renderText({ ...on, benches: [withVersions] })).toBe(
      `
a-bench: compares one thing with another.
3 pairs; values and ratio (new / old) are medians.
Baseline: peer 1.2.
              old   new  ratio  95 % from     to  target
speed, 1/s   1000   800  0.800      0.700  0.900  ≥ 0.7 ✓
wait, ms     10.0  12.0  1.200      1.100  1.300  ≤ 1.05 ✗
memory, MiB  5.00  5.00  1.000      1.000  1.000

On 2 × a CPU, 4 GiB, here, load 0.5 before the run; Node v1, Kafka 4.`.trim(),
    );
  });

  it('as text it shows the value that counts, and that there were too few runs to judge by', () => {
    const runs = [0, 3].map((refused) => ({ first: 'subject', subject: { refused } }) as const);
    expect(renderText({ ...on, benches: [summarise(alone, runs)] })).toContain(
      `
2 runs; values are medians.
             new  95 % from    to  target
refused, 1  1.50          0  3.00  ≤ 2 (too few pairs)`,
    );
  });

  it('as Markdown it is a table of each bench', () => {
    const markdown = renderMarkdown({ ...on, benches: [summarise(bench, pairs)] });
    expect(markdown).toContain(`### a-bench

compares one thing with another. 3 pairs; values and ratio (new / old) are medians.

|  | old | new | ratio | 95 % from | to | target |
| --- | ---: | ---: | ---: | ---: | ---: | --- |
| speed, 1/s | 1000 | 800 | 0.800 | 0.700 | 0.900 | ≥ 0.7 ✓ |
`);
  });

  it('says of a bench that failed why it has no figures', () => {
    const failed = summariseFailure(bench, new Error('It is void.'));
    expect(renderText({ ...on, benches: [failed] })).toContain('Has no figures: It is void.');
    expect(renderMarkdown({ ...on, benches: [failed] })).toContain('**Has no figures:** It is void.');
  });

  it('says that a reduced run is not to be quoted', () => {
    expect(renderText({ ...on, scale: 0.1, benches: [] })).toContain('At 0.1 of the size');
    expect(renderMarkdown({ ...on, scale: 0.1, benches: [] })).toContain('At 0.1 of the size');
  });

  it('as JSON it is one line with the values of every run', () => {
    const json = renderJson({ ...on, benches: [summarise(bench, pairs)] });
    expect(json).not.toContain('\n');
    expect(JSON.parse(json)).toMatchObject({ benches: [{ pairs: [{ subject: { speed: 800 } }, {}, {}] }] });
  });
});
