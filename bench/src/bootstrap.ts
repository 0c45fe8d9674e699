import { medianOf } from './statistics.ts';

const RESAMPLES = 2000;
const CONFIDENCE = 0.95;
/** Any number; always the same, so that the same runs always give the same interval. */
const SEED = 0x9e3779b9;

/** Where the median would lie if the pairs were run again, with 95 % confidence, as far as these pairs can tell. */
export interface Interval {
  low: number;
  high: number;
}

/**
 * The percentile bootstrap of the median: values are drawn from the given ones, as many and with replacement, many times
 * over; the interval holds the middle 95 % of the medians. Of up to five values it reaches from the least to the greatest.
 * The same values, in any order, always give the same interval.
 */
export function intervalOfMedian(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const random = mulberry32(SEED);
  const drawn = Float64Array.from(sorted);
  const medians = Float64Array.from({ length: RESAMPLES }, () =>
    medianOf(drawn.map(() => sorted[Math.floor(random() * sorted.length)] ?? Number.NaN).toSorted()),
  ).toSorted();
  const outside = Math.floor((RESAMPLES * (1 - CONFIDENCE)) / 2);
  return { low: medians[outside] ?? Number.NaN, high: medians[RESAMPLES - 1 - outside] ?? Number.NaN };
}

/** Even numbers from 0 to below 1 from a seed: Tommy Ettinger's mulberry32, in the public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
