import { describe, expect, it } from '@jest/globals';
import { createTargets } from './targets.ts';

describe('targets', () => {
  const fill = (targets: ReturnType<typeof createTargets>, target: string, now = 0) => {
    let n = 0;
    while (n < 1000 && targets.reserve(target, now)) n += 1;
    return n;
  };

  // One that hangs keeps its places until its deadlines are over.
  it('have half of all places each, and one that fails again and again fewer', () => {
    const targets = createTargets(64);
    expect(fill(targets, 'a')).toBe(32);
    expect(fill(targets, 'b')).toBe(32);
    for (let n = 0; n < 32; n++) targets.release('a', { success: n < 27 }, 0);
    expect(fill(targets, 'a')).toBe(4);
    targets.release('a', { success: true }, 0);
    expect(fill(targets, 'a')).toBe(29);
    expect(fill(createTargets(1), 'a')).toBe(1);
  });

  it('wait for the end of their limit, and no others do', () => {
    const targets = createTargets(8);
    expect(targets.reserve('a', 0)).toBe(true);
    targets.release('a', { success: null, limitedForMs: 500 }, 0);
    expect([targets.reserve('a', 499), targets.limitedUntil('a', 499), targets.nextOpenAt(499)]).toEqual([
      false,
      500,
      500,
    ]);
    expect([targets.reserve('b', 499), targets.limitedUntil('b', 499)]).toEqual([true, null]);
    expect([targets.reserve('a', 500), targets.limitedUntil('a', 500)]).toEqual([true, null]);
    expect(targets.nextOpenAt(500)).toBe(Number.POSITIVE_INFINITY);
  });

  it('are not held up while they are not known', () => {
    const targets = createTargets(1);
    expect([targets.reserve(null, 0), targets.reserve(null, 0)]).toEqual([true, true]);
    targets.release(null, { success: true }, 0);
    targets.release('never', { success: true }, 0);
    expect(targets.nextOpenAt(0)).toBe(Number.POSITIVE_INFINITY);
  });
});
