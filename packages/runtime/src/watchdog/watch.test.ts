import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createWatch } from './watch.ts';

describe('createWatch', () => {
  it('tells after so many looks in a row at the same number, and not before', () => {
    const isBlocked = createWatch(3);
    expect([5, 5, 5, 6, 6, 6, 6, 6].map((beats) => isBlocked(beats))).toEqual([
      false, // the first look compares with nothing
      false,
      false,
      false, // it beat
      false,
      false,
      true,
      true,
    ]);
  });

  // A laptop that was shut, a process that was stopped, a paused machine: for the clock hours have passed, for us one
  // look at most. Whoever counts looks does not know how long they were apart.
  it('holds for whoever beats at least once between any two looks that are `limit` apart, however long that took', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat({ max: 30 })), (limit, silences) => {
        const isBlocked = createWatch(limit);
        let beats = 0;
        for (const looks of silences) {
          beats += 1;
          // The look that sees the beat, and then those that see nothing new.
          for (let look = 0; look <= looks; look++) expect(isBlocked(beats)).toBe(look >= limit);
        }
      }),
    );
  });
});
