import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { DrawnCurve } from '../../bench/src/curves/curve.ts';
import { CURVES } from '../../bench/src/curves/index.ts';
import { root } from '../tools.ts';
import { axisOf, positionOn } from './axis.ts';
import { curveSvg } from './curve-svg.ts';
import { curveFiles } from './curves.ts';

describe('an axis', () => {
  it('begins at zero and ends at a round number, where its values are near each other', () => {
    const axis = axisOf([4200, 17_300], { steps: 'round' });
    expect(axis).toEqual({ isLog: false, from: 0, to: 20_000, ticks: [0, 5000, 10_000, 15_000, 20_000] });
    expect(positionOn(axis, 5000)).toBe(0.25);
  });

  it('goes by powers of ten where they are not', () => {
    const axis = axisOf([40, 17_300], { steps: 'round' });
    expect(axis).toEqual({ isLog: true, from: 10, to: 100_000, ticks: [10, 100, 1000, 10_000, 100_000] });
    expect(positionOn(axis, 1000)).toBeCloseTo(0.5);
  });

  it('has a place for zero, one step of ten below the least', () => {
    const axis = axisOf([0, 10, 1000], { steps: 'points' });
    expect(axis.ticks.map((tick) => positionOn(axis, tick))).toEqual([0, expect.closeTo(1 / 3), 1]);
  });

  it.each([{ values: [] }, { values: [0] }, { values: [7] }])('is there for $values, too', ({ values }) => {
    for (const steps of ['points', 'round'] as const) {
      const axis = axisOf(values, { steps });
      for (const value of values) expect(positionOn(axis, value)).toBeGreaterThanOrEqual(0);
      expect(axis.to).toBeGreaterThan(axis.from);
    }
  });

  it.each([Number.NaN, -1, Infinity])('refuses %d', (value) => {
    expect(() => axisOf([1, value], { steps: 'round' })).toThrow(`${value} cannot be drawn.`);
  });
});

describe('the picture of a curve', () => {
  const curve: DrawnCurve = {
    name: 'a-curve',
    about: 'Rates < memory & more.',
    x: { label: 'lanes' },
    series: [
      { name: 'one', unit: 'ms' },
      { name: 'other', unit: 'ms' },
      { name: 'memory', unit: 'MiB' },
    ],
    points: [
      { x: 1, values: { one: 1, other: 10, memory: 5 } },
      { x: 10, values: { one: 2, other: 5, memory: 5 } },
    ],
  };

  it('has a panel for each unit, a line for each series, and each point where its values are', () => {
    const svg = curveSvg(curve);
    expect(svg.match(/<g /g)).toHaveLength(2);
    // Up is less: the panel begins at 46 and ends at 206; its axis goes to 10.
    expect([...svg.matchAll(/<polyline [^>]*points="([^"]+)"/g)].map(([, points]) => points)).toEqual([
      '62,190 372,174',
      '62,46 372,126',
      '62,46 372,46',
    ]);
    expect(svg).toContain('Rates &lt; memory &amp; more.');
  });

  it('is none of a value that is not there, nor of more lines than can be told apart', () => {
    const [first] = curve.points;
    const points = [{ x: 1, values: { ...first?.values, other: Number.NaN } }];
    expect(() => curveSvg({ ...curve, points })).toThrow('NaN cannot be drawn.');
    const series = ['one', 'other', 'memory'].map((name) => ({ name, unit: 'ms' }));
    expect(() => curveSvg({ ...curve, series })).toThrow('more lines in ms');
  });
});

describe('the pictures in the documentation', () => {
  it('are those of the points that were measured: run `npm run docs` where they are not', () => {
    const files = curveFiles();
    for (const [path, text] of files) {
      const file = join(root, path);
      expect([path, existsSync(file) && readFileSync(file, 'utf8')]).toEqual([path, text]);
    }
    expect(globSync('docs/operating/curves/*', { cwd: root }).toSorted()).toEqual(
      files.map(([path]) => path).toSorted(),
    );
  });

  it('are of all curves that there are', () => {
    const measured = curveFiles().map(([path]) => path.replace(/.*\/(.*)\.svg/, '$1'));
    expect(measured).toEqual(CURVES.map(({ name }) => name));
  });
});
