import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Breaker, createBreaker } from './breaker.ts';

const REST_MS = 100;

/** While the database is away no delivery waits for it, one look-up at a time finds out when it is back. */
describe('the breaker', () => {
  let now: number;
  let told: string[];
  let breaker: Breaker;

  beforeEach(() => {
    [now, told] = [1_000, []];
    breaker = createBreaker({
      failures: 3,
      restMs: REST_MS,
      clock: { now: () => 0, monotonic: () => now },
      opened: () => void told.push('opened'),
      closed: () => void told.push('closed'),
    });
  });

  const fail = (times: number) => {
    for (let i = 0; i < times; i++) breaker.failed();
  };

  it('lets all ask until so many have failed in a row', () => {
    fail(2);
    breaker.succeeded();
    fail(2);
    expect([breaker.permission(), breaker.isOpen()]).toEqual(['ask', false]);
    breaker.failed();
    expect([breaker.permission(), breaker.isOpen()]).toEqual(['skip', true]);
    expect(told).toEqual(['opened']);
  });

  it('has one try after a rest, and no second beside it', () => {
    fail(3);
    now += REST_MS - 1;
    expect(breaker.permission()).toBe('skip');
    now += 1;
    expect([breaker.permission(), breaker.permission()]).toEqual(['try', 'skip']);
    now += 10 * REST_MS;
    expect(breaker.permission()).toBe('skip');
  });

  it('rests again after a try that fails, and tells nothing more', () => {
    fail(3);
    now += REST_MS;
    expect(breaker.permission()).toBe('try');
    breaker.failed();
    expect(breaker.permission()).toBe('skip');
    now += REST_MS;
    expect(breaker.permission()).toBe('try');
    expect(told).toEqual(['opened']);
  });

  it('closes by a try that succeeds, and counts from nothing again', () => {
    fail(3);
    now += REST_MS;
    breaker.permission();
    breaker.succeeded();
    fail(2);
    expect([breaker.permission(), breaker.isOpen()]).toEqual(['ask', false]);
    expect(told).toEqual(['opened', 'closed']);
  });

  it('comes back from everything by one success, and never has two tries at once', () => {
    const step = fc.constantFrom('permission', 'failed', 'succeeded', 'time');
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let tries = 0;
        for (const what of steps) {
          if (what === 'time') now += REST_MS;
          else if (what === 'permission') tries += breaker.permission() === 'try' ? 1 : 0;
          else {
            breaker[what]();
            tries = 0;
          }
          expect(tries).toBeLessThanOrEqual(1);
        }
        breaker.succeeded();
        expect(breaker.permission()).toBe('ask');
      }),
    );
  });
});
