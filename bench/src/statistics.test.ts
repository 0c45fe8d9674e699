import { expect, it } from '@jest/globals';
import { median, quantileOfWhole } from './statistics.ts';

it.each([
  [[3, 1, 2], 2],
  [[10, 1, 2, 9], 5.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
  expect(median([])).toBeNaN();
});

it('a quantile lies within its unit, as far in as there are values before it', () => {
  // Of ten values, one is below 20 ms, eight are 20 ms, one is above: the fifth is half through those of 20 ms.
  const values = [21, 20, 20, 20, 20, 20, 20, 20, 20, 19];
  expect(quantileOfWhole(0.5, values)).toBeCloseTo(20, 10);
  expect(quantileOfWhole(0.25, values)).toBeCloseTo(19.5 + 1.5 / 8, 10);
  expect(quantileOfWhole(1, values)).toBeCloseTo(21.5, 10);
  expect(quantileOfWhole(0.5, [])).toBeNaN();
});

it('more values that are larger move a median that stays within one millisecond', () => {
  const few = [20, 20, 20, 20, 21];
  expect(quantileOfWhole(0.5, [...few, 30])).toBeGreaterThan(quantileOfWhole(0.5, few));
});
