import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Breaker } from './breaker.ts';

function setUp(keys = 3, windowMs = 1000) {
  let now = 0;
  const changes: string[] = [];
  const breaker = new Breaker({
    keys,
    windowMs,
    now: () => now,
    onChanged: (handler, open) => void changes.push(`${handler} ${open ? 'open' : 'closed'}`),
  });
  return { breaker, changes, pass: (ms: number) => void (now += ms) };
}

describe('Breaker', () => {
  // One poisoned repository, however often it is tried, is no broken handler: pausing for it would stop all others.
  it('stays closed for one key that fails again and again', () => {
    const { breaker, changes } = setUp();
    for (let i = 0; i < 100; i++) breaker.failed('h', 'one');
    expect(breaker.isOpen('h')).toBe(false);
    expect(changes).toEqual([]);
  });

  it('opens when enough distinct keys fail, for that handler only', () => {
    const { breaker, changes } = setUp();
    for (const key of ['a', 'b', 'c']) breaker.failed('h', key);
    breaker.failed('other', 'a');
    expect([breaker.isOpen('h'), breaker.isOpen('other'), breaker.isOpen('unknown')]).toEqual([true, false, false]);
    expect(breaker.anyOpen()).toBe(true);
    expect(changes).toEqual(['h open']);
  });

  it('stays closed while more keys succeed than fail', () => {
    const { breaker } = setUp();
    breaker.succeeded('h', ['k1', 'k2', 'k3', 'k4']);
    for (const key of ['a', 'b', 'c']) breaker.failed('h', key);
    expect(breaker.isOpen('h')).toBe(false);
    breaker.failed('h', 'd');
    expect(breaker.isOpen('h')).toBe(true);
  });

  it('takes a key’s last outcome, and closes below half', () => {
    const { breaker, changes } = setUp();
    for (const key of ['a', 'b', 'c', 'd']) breaker.failed('h', key);
    breaker.succeeded('h', ['a']);
    expect(breaker.isOpen('h')).toBe(true);
    breaker.succeeded('h', ['b']);
    expect(breaker.isOpen('h')).toBe(false);
    expect(changes).toEqual(['h open', 'h closed']);
  });

  it('forgets what is older than its window', () => {
    const { breaker, pass } = setUp();
    for (const key of ['a', 'b', 'c']) breaker.failed('h', key);
    pass(999);
    breaker.failed('h', 'a');
    expect(breaker.isOpen('h')).toBe(true);
    pass(1);
    expect(breaker.isOpen('h')).toBe(false);
  });

  it('keeps a bounded number of keys, and says the same of them', () => {
    const { breaker } = setUp();
    for (let i = 0; i < 30_000; i++) breaker.failed('h', `old ${i}`);
    for (let i = 0; i < 20_000; i++) breaker.succeeded('h', [`new ${i}`]);
    expect(breaker.isOpen('h')).toBe(false);
    for (let i = 0; i < 10_000; i++) breaker.failed('h', `new ${i}`);
    expect(breaker.isOpen('h')).toBe(true);
  });

  // The model: all outcomes ever told, looked through from the end.
  it('is what its definition says, whatever it is told', () => {
    const told = fc.record({
      key: fc.integer({ min: 0, max: 9 }),
      failed: fc.boolean(),
      ms: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(told, { maxLength: 60 }), (all) => {
        const { breaker, pass } = setUp();
        const past: { key: string; failed: boolean; at: number }[] = [];
        let now = 0;
        for (const { key, failed, ms } of all) {
          pass(ms);
          now += ms;
          if (failed) breaker.failed('h', String(key));
          else breaker.succeeded('h', [String(key)]);
          past.push({ key: String(key), failed, at: now });
          const last = new Map(
            past.filter(({ at }) => at > now - 1000).map((outcome) => [outcome.key, outcome.failed]),
          );
          const failing = [...last.values()].filter(Boolean).length;
          expect(breaker.isOpen('h')).toBe(failing >= 3 && failing * 2 >= last.size);
        }
      }),
    );
  });
});
