import { describe, expect, it } from '@jest/globals';
import type { Handler } from '@hookline/handlers';
import fc from 'fast-check';
import type { FailureClass } from '../slice/classify-failure.ts';
import { afterFailure, triesAfter, triesAfterDeath } from './after-failure.ts';

const POLICY = { maxAttempts: 10, maxKills: 3, retry: { baseMs: 1000, maxMs: 300_000 } };
const FAULT: FailureClass = { kind: 'fault', counted: true, again: 0, afterMs: null };
const LATER: FailureClass = { kind: 'later', counted: false, again: 0, afterMs: 7000 };

describe('afterFailure', () => {
  it('runs again as often as the failure says, then parks', () => {
    const steps = [0, 1, 2, 3].map((again) => afterFailure({ ...FAULT, again: 2 }, again, false));
    expect(steps).toEqual(['again', 'again', 'park', 'park']);
  });

  it('parks nothing while the handler’s breaker is open, whatever has failed', () => {
    const kinds = fc.record({
      kind: fc.constantFrom('fault' as const, 'conflict' as const, 'condition' as const, 'later' as const),
      counted: fc.boolean(),
      again: fc.nat(10),
      afterMs: fc.option(fc.nat()),
    });
    fc.assert(fc.property(kinds, fc.nat(20), (kind, again) => expect(afterFailure(kind, again, true)).toBe('wait')));
  });
});

describe('what a lane begins with', () => {
  const failure = { handler: 'h', error: new Error('poison \0'), said: undefined, index: 0 };

  it('is one attempt after a fault, and one deferral after what does not count', () => {
    expect(triesAfter(failure, FAULT, [], POLICY, 0)).toEqual({
      attempts: 1,
      kills: 0,
      deferrals: 0,
      dueInMs: 500,
      error: 'poison ',
    });
    expect(triesAfter(failure, LATER, [], POLICY, 0)).toMatchObject({ attempts: 0, deferrals: 1, dueInMs: 7000 });
  });

  it('is due at once where the handler’s policy allows one attempt only', () => {
    const once = {
      kind: 'delivery',
      name: 'h',
      on: [],
      policy: { maxAttempts: 1 },
      run: () => Promise.resolve(),
    } as const;
    expect(triesAfter(failure, FAULT, [{ ...once, on: [] }], POLICY, 0)).toMatchObject({ attempts: 1, dueInMs: 0 });
  });

  it('is due by the handler’s own policy', () => {
    const run = () => Promise.resolve();
    const slow: Handler = { kind: 'delivery', name: 'h', on: [], policy: { retry: { minMs: 60, maxMs: 90 } }, run };
    expect(triesAfter(failure, FAULT, [slow], POLICY, 0)).toMatchObject({ attempts: 1, dueInMs: 30 });
    expect(triesAfter(failure, FAULT, [{ ...slow, name: 'other' }], POLICY, 0)).toMatchObject({ dueInMs: 500 });
  });

  it('is one attempt and one death after a death, and says whose', () => {
    const tries = triesAfterDeath('host/1/abc', POLICY, 0);
    expect(tries).toMatchObject({ attempts: 1, kills: 1, deferrals: 0 });
    expect(tries.error).toContain('host/1/abc');
  });
});
