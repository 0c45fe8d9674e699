import { describe, expect, it } from '@jest/globals';
import type { PrometheusSeries } from '@hookline/local-stack';
import type { ShownDashboard, ShownPanel } from '../dashboards.ts';
import { drawDashboard } from './draw-dashboard.ts';
import { formatValue } from './format-value.ts';

const SPAN = { from: 1000, to: 1100 };

function panel(given: Partial<ShownPanel> = {}, stacked = false): ShownPanel {
  return {
    type: 'timeseries',
    title: 'Answers < all',
    gridPos: { x: 0, y: 1, w: 8, h: 8 },
    targets: [{ expr: 'q', legendFormat: '{{code}}' }],
    fieldConfig: {
      defaults: {
        unit: 'reqps',
        custom: { stacking: { mode: stacked ? 'normal' : 'none' } },
        thresholds: {
          steps: [
            { color: 'green', value: null },
            { color: 'red', value: 10 },
          ],
        },
      },
    },
    ...given,
  };
}

const dashboard = (...panels: ShownPanel[]): ShownDashboard => ({ name: 'd', title: 'D', panels });

function series(code: string, ...values: number[]): PrometheusSeries {
  return { metric: { code }, values: values.map((value, i) => [SPAN.from + i * 50, String(value)]) };
}

/** The heights of each line's points: small is high. A gap is null. */
function lines(svg: string): (number | null)[][] {
  return [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, path]) =>
    [...(path as string).matchAll(/([ML])[\d.]+,([\d.]+)/g)].flatMap(([, how, y], i) =>
      how === 'M' && i > 0 ? [null, Number(y)] : [Number(y)],
    ),
  );
}

describe('a picture of a dashboard', () => {
  it('has a line per series, its legend by the labels, and names that are safe in SVG', () => {
    const svg = drawDashboard(dashboard(panel()), () => [series('A', 1, 2, 4), series('B', 4, 2, 1)], SPAN, 'by us');
    const [a, b] = lines(svg) as [number[], number[]];
    expect(a.toSorted((one, other) => other - one)).toEqual(a);
    expect(b).toEqual(a.toReversed());
    expect(svg).toContain('Answers &lt; all');
    for (const label of ['>A<', '>B<', '>5 /s<', '>by us<']) expect(svg.replaceAll('/s', ' /s')).toContain(label);
  });

  it('puts what adds up on top of each other, and shows a series that is not a number as a gap', () => {
    const svg = drawDashboard(
      dashboard(panel({}, true)),
      () => [series('A', 1, NaN, 1), series('B', 1, 1, 1)],
      SPAN,
      '',
    );
    const [a, b] = lines(svg) as [number[], number[]];
    expect(a).toEqual([a[0], null, a[0]]);
    // Two, and one where the other is missing.
    expect(b).toEqual([b[0], a[0], b[0]]);
    expect(b[0]).toBeLessThan(a[0] as number);
  });

  it('says so where there is nothing', () => {
    expect(drawDashboard(dashboard(panel()), () => [], SPAN, '')).toContain('nothing of the kind');
    expect(drawDashboard(dashboard(panel({ type: 'stat' })), () => [], SPAN, '')).toContain('no data');
  });

  it('shows the last number, in red from its threshold on', () => {
    const drawn = (value: number) =>
      drawDashboard(dashboard(panel({ type: 'stat' })), () => [series('', 3, value)], SPAN, '');
    expect(drawn(9)).toContain('class="number green">9/s<');
    expect(drawn(10)).toContain('class="number red">10/s<');
  });
});

describe('formatValue', () => {
  it.each([
    [0, 's', '0'],
    [0.0123, 's', '12.3 ms'],
    [90, 's', '90 s'],
    [-600, 's', '-10 min'],
    [86_400 * 9, 's', '9 d'],
    [7200, 's', '2 h'],
    [2048, 'bytes', '2 kB'],
    [12, 'bytes', '12B'],
    [0.0012, 'percentunit', '0.12 %'],
    [1234, 'reqps', '1.23 k/s'],
    [1_000_000, 'short', '1 M'],
    [0, 'short', '0'],
    [1, 'bool_yes_no', 'yes'],
    [0, 'bool_yes_no', 'no'],
    [NaN, 'short', '–'],
  ])('shows %p as %s: %s', (value, unit, shown) => {
    expect(formatValue(value, unit)).toBe(shown);
  });
});
