import { describe, expect, it } from '@jest/globals';
import { lagOf, waitUntilCaughtUp } from './catch-up.ts';

const ends = new Map([
  [0, 3n],
  [1, 2n],
]);
const options = {
  patienceMs: 0,
  signal: new AbortController().signal,
  explain: () => Promise.resolve('End of the log.'),
};

describe('waitUntilCaughtUp', () => {
  it('counts a partition without a row as not begun', () => {
    expect(lagOf(ends, new Map([[0, 3n]]))).toEqual([{ partition: 1, next: 0n, end: 2n }]);
  });

  it('has patience as long as something moves', async () => {
    const states = [0n, 1n, 2n, 3n].map(
      (next) =>
        new Map([
          [0, next],
          [1, 2n],
        ] as [number, bigint][]),
    );
    let asked = 0;
    await waitUntilCaughtUp(ends, () => Promise.resolve(states[(asked += 1) - 1] ?? new Map()), options);
    expect(asked).toBe(4);
  });

  it('says which partitions stand still, and shows the log that tells', async () => {
    const stuck = () =>
      Promise.resolve(
        new Map([
          [0, 1n],
          [1, 2n],
        ] as [number, bigint][]),
      );
    await expect(waitUntilCaughtUp(ends, stuck, options)).rejects.toThrow(
      'The processor has not moved for 0 s and is behind: partition 0 is at 1 of 3. End of the log.',
    );
  });
});
