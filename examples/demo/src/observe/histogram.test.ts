import { createMetrics } from '@hookline/runtime';
import { describe, expect, it } from '@jest/globals';
import { difference, parseHistogram, quantile } from './histogram.ts';

const NAME = 'hookline_accept_to_commit_seconds';

async function observed(values: number[]) {
  const metrics = createMetrics({ service: 'test' });
  const histogram = metrics.histogram({ name: NAME, help: 'x', buckets: [0.1, 0.2, 0.4] });
  values.forEach((value) => histogram.observe(value));
  return parseHistogram(await metrics.registry.metrics(), NAME);
}

// The text is what our own processes expose; the estimate is checked against values worked out by hand.
describe('a histogram', () => {
  it('is read out of what a process exposes', async () => {
    expect(await observed([0.05, 0.15, 0.15, 9])).toEqual({
      count: 4,
      buckets: [
        { upTo: 0.1, count: 1 },
        { upTo: 0.2, count: 3 },
        { upTo: 0.4, count: 3 },
        { upTo: Infinity, count: 4 },
      ],
    });
    expect(parseHistogram('# nothing\n', NAME)).toEqual({ count: 0, buckets: [] });
  });

  it('can be taken from another, so that only what came between counts', async () => {
    const between = difference(await observed([0.05, 0.15, 9]), await observed([0.05]));
    expect(between.count).toBe(2);
    expect(between.buckets.map(({ count }) => count)).toEqual([0, 1, 1, 2]);
    expect(difference(await observed([0.05]), { count: 0, buckets: [] }).count).toBe(1);
  });

  it('gives quantiles within its buckets', async () => {
    const histogram = await observed([0.05, 0.15, 0.15, 0.15]);
    expect(quantile(0.25, histogram)).toBeCloseTo(0.1);
    expect(quantile(0.5, histogram)).toBeCloseTo(0.1333, 3);
    expect(quantile(1, histogram)).toBeCloseTo(0.2);
    expect(quantile(0.99, await observed([9]))).toBe(0.4);
    expect(quantile(0.5, await observed([]))).toBeUndefined();
    expect(quantile(0.5, { count: 1, buckets: [] })).toBeUndefined();
  });
});
