import { expect, it } from '@jest/globals';
import { intervalOfMedian } from './bootstrap.ts';

it('says the same of the same values, in whatever order they came', () => {
  // So many, and so uneven, that other draws would give another interval.
  const values = Array.from({ length: 60 }, (_, n) => Math.sqrt(n + 1) + ((n * 37) % 11) / 7);
  const interval = intervalOfMedian(values);
  expect(intervalOfMedian(values.toReversed())).toEqual(interval);
  expect(intervalOfMedian(values)).toEqual(interval);
});

it('is one point of one value, and nowhere of none', () => {
  expect(intervalOfMedian([0.9])).toEqual({ low: 0.9, high: 0.9 });
  expect(intervalOfMedian([])).toEqual({ low: Number.NaN, high: Number.NaN });
});

it('reaches over all of five values, and leaves out the one that is far off of nine', () => {
  // Three of five draws or more are the least one in 5.8 % of all resamples; of nine values, five or more in 0.2 %.
  expect(intervalOfMedian([5, 1, 2, 3, 4])).toEqual({ low: 1, high: 5 });
  const { low, high } = intervalOfMedian([0.01, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 9]);
  expect(low).toBeGreaterThanOrEqual(0.9);
  expect(high).toBeLessThanOrEqual(0.96);
  expect(low).toBeLessThan(high);
});

it('covers what it is about in about 95 of 100 samples, and is narrow where there are many values', () => {
  // Samples of 25 even numbers from 0 to 1, by a generator that is not the bootstrap's own.
  let state = 1;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const intervals = Array.from({ length: 120 }, () => intervalOfMedian(Array.from({ length: 25 }, next)));
  const covering = intervals.filter(({ low, high }) => low <= 0.5 && 0.5 <= high).length;
  expect(covering).toBeGreaterThan(0.88 * 120);
  expect(covering).toBeLessThan(120);
  for (const { low, high } of intervals) expect(high - low).toBeLessThan(0.9);
});
