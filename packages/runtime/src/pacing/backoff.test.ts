import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.ts';

describe('backoffMs', () => {
  it('doubles up to the limit, with jitter over the upper half', () => {
    const range = { baseMs: 100, maxMs: 1000 };
    expect([1, 2, 3, 4, 5, 500].map((attempt) => backoffMs(attempt, range, 0))).toEqual([50, 100, 200, 400, 500, 500]);
    expect(backoffMs(3, range, 0.5)).toBe(300);
  });
});
