import { describe, expect, it } from '@jest/globals';
import { RetryLater } from './retry-later.ts';

describe('RetryLater', () => {
  // Computed from what a server says (a date, nothing, a limit that is never reset), it reaches a timer and the database.
  it.each([
    [undefined, null],
    [Number.NaN, null],
    ['soon' as unknown as number, null],
    [-1, 0],
    [1500, 1500],
    [Number.POSITIVE_INFINITY, 2_147_483_647],
  ])('waits, asked for %p ms, at least %p', (asked, afterMs) => {
    expect(new RetryLater('later', { ...(asked !== undefined && { afterMs: asked }) }).afterMs).toBe(afterMs);
  });
});
