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

  // What waits for one that will take something in a moment is not set aside: it would wait for longer than it must.
  it('are closed while they are limited, or broken and full; not because they are busy', () => {
    const targets = createTargets(32);
    expect(targets.closedUntil('never', 0)).toBeNull();
    fill(targets, 'busy');
    expect(targets.closedUntil('busy', 0)).toBeNull();
    fill(targets, 'a');
    for (let n = 0; n < 14; n++) targets.release('a', { success: false }, 0);
    expect(targets.closedUntil('a', 100)).toBe(5100);
    targets.release('a', { success: false }, 0);
    expect(targets.closedUntil('a', 100)).toBeNull();
    targets.release('a', { success: null, limitedForMs: 700 }, 0);
    expect([targets.closedUntil('a', 100), targets.closedUntil('a', 700)]).toEqual([700, null]);
  });

  // A route may have a host of its own for each repository.
  it('are forgotten, the oldest first, where many have failed', () => {
    const targets = createTargets(64);
    const failed = (target: string, times: number) => {
      for (let n = 0; n < times; n++) {
        targets.reserve(target, 0);
        targets.release(target, { success: false }, 0);
      }
    };
    failed('oldest', 5);
    targets.reserve('limited', 0);
    targets.release('limited', { success: null, limitedForMs: 500 }, 0);
    expect(fill(targets, 'oldest')).toBe(4);
    for (let n = 0; n < 4; n++) targets.release('oldest', { success: null }, 0);
    for (let n = 0; n < 10_000; n++) failed(`host ${n}`, 5);
    expect(fill(targets, 'oldest')).toBe(32);
    expect(fill(targets, 'host 9999')).toBe(4);
    expect(targets.limitedUntil('limited', 0)).toBe(500);
  });

  it('are not held up while they are not known', () => {
    const targets = createTargets(1);
    expect([targets.reserve(null, 0), targets.reserve(null, 0)]).toEqual([true, true]);
    targets.release(null, { success: true }, 0);
    targets.release('never', { success: true }, 0);
    expect(targets.nextOpenAt(0)).toBe(Number.POSITIVE_INFINITY);
  });
});
