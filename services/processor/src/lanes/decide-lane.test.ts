import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decideHead,
  decideLastRun,
  isExhausted,
  type HeadDecision,
  type HeadEvent,
  type HeadState,
  type LanePolicy,
  type LastRun,
} from './decide-lane.ts';

const policy: LanePolicy = { maxAttempts: 3, maxKills: 2, retry: { baseMs: 1000, maxMs: 300_000 } };
const untried: HeadState = { attempts: 0, kills: 0, deferrals: 0 };

/** Given what is stored, when this happens to a run of the head, then this follows. */
function follows(given: Partial<HeadState>, when: HeadEvent, random = 0): HeadDecision {
  return decideHead({ ...untried, ...given }, when, policy, random);
}

describe('what follows a run that did not complete the head', () => {
  it.each<[Partial<HeadState>, HeadEvent, HeadDecision]>([
    [{}, { type: 'failed' }, { attempts: 1, kills: 0, deferrals: 0, next: 'retry', dueInMs: 500 }],
    [{ attempts: 1 }, { type: 'failed' }, { attempts: 2, kills: 0, deferrals: 0, next: 'retry', dueInMs: 1000 }],
    [{ attempts: 2 }, { type: 'failed' }, { attempts: 3, kills: 0, deferrals: 0, next: 'last-run', dueInMs: 0 }],
    [
      { attempts: 2 },
      { type: 'failed', maxAttempts: 10 },
      { attempts: 3, kills: 0, deferrals: 0, next: 'retry', dueInMs: 2000 },
    ],
    [
      { attempts: 1 },
      { type: 'failed', retry: { minMs: 20, maxMs: 30 } },
      { attempts: 2, kills: 0, deferrals: 0, next: 'retry', dueInMs: 15 },
    ],
    [{}, { type: 'failed', maxAttempts: 1 }, { attempts: 1, kills: 0, deferrals: 0, next: 'last-run', dueInMs: 0 }],
    [{}, { type: 'killed' }, { attempts: 1, kills: 1, deferrals: 0, next: 'retry', dueInMs: 500 }],
    [{ kills: 1 }, { type: 'killed' }, { attempts: 1, kills: 2, deferrals: 0, next: 'last-run', dueInMs: 0 }],
    [{ attempts: 2 }, { type: 'deferred' }, { attempts: 2, kills: 0, deferrals: 1, next: 'retry', dueInMs: 500 }],
    [
      { attempts: 2 },
      { type: 'deferred', afterMs: 7000 },
      { attempts: 2, kills: 0, deferrals: 1, next: 'retry', dueInMs: 7000 },
    ],
    // What a handler asks for is the least: below the first retry's wait it would run without a pause.
    [{}, { type: 'deferred', afterMs: 0 }, { attempts: 0, kills: 0, deferrals: 1, next: 'retry', dueInMs: 1000 }],
  ])('given %o, when it is %o, then %o', (given, when, then) => {
    expect(follows(given, when)).toEqual(then);
  });

  it('looks again within 30 s at a condition that passes, however long it has lasted', () => {
    expect(follows({ deferrals: 1000 }, { type: 'deferred' }, 0.999).dueInMs).toBeLessThanOrEqual(30_000);
    expect(follows({ deferrals: 1000 }, { type: 'deferred' }, 0).dueInMs).toBe(15_000);
  });

  const anEvent = fc.oneof<fc.Arbitrary<HeadEvent>[]>(
    fc.record({ type: fc.constant('failed' as const) }),
    fc.record({ type: fc.constant('deferred' as const), afterMs: fc.option(fc.nat(), { nil: undefined }) }),
    fc.record({ type: fc.constant('killed' as const) }),
  );
  const aPolicy = fc.record({
    maxAttempts: fc.integer({ min: 1, max: 30 }),
    maxKills: fc.integer({ min: 1, max: 10 }),
    retry: fc.constant(policy.retry),
  });
  const aRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  // An outage must not bring a record nearer to its end, and nothing may take a counted failure back.
  it('counts exactly the failures and kills, in any history, and keeps them through deferrals', () => {
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 40 }), aPolicy, aRandom, (history, given, random) => {
        let head = untried;
        for (const event of history) head = decideHead(head, event, given, random);
        expect(head.attempts).toBe(history.filter(({ type }) => type !== 'deferred').length);
        expect(head.kills).toBe(history.filter(({ type }) => type === 'killed').length);
      }),
    );
  });

  it('is exhausted after exactly maxAttempts counted failures, whatever was put off between them', () => {
    const deferrals = fc.array(fc.nat({ max: 3 }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(aPolicy, deferrals, aRandom, (given, between, random) => {
        let head: HeadState = untried;
        for (let failure = 1; failure <= given.maxAttempts; failure++) {
          for (let i = 0; i < (between[failure - 1] as number); i++) {
            const deferred = decideHead(head, { type: 'deferred' }, given, random);
            expect(deferred.next).toBe('retry');
            head = deferred;
          }
          const failed = decideHead(head, { type: 'failed' }, given, random);
          expect(failed.next).toBe(failure === given.maxAttempts ? 'last-run' : 'retry');
          head = failed;
        }
      }),
    );
  });

  it('waits longer with each counted failure, never longer than the limit, never less than half of the least', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), aRandom, (attempts, random) => {
        const patient = { ...policy, maxAttempts: 10_000 };
        const { dueInMs } = decideHead({ ...untried, attempts }, { type: 'failed' }, patient, random);
        const next = decideHead({ ...untried, attempts: attempts + 1 }, { type: 'failed' }, patient, random);
        expect(dueInMs).toBeGreaterThanOrEqual(policy.retry.baseMs / 2);
        expect(dueInMs).toBeLessThanOrEqual(policy.retry.maxMs);
        expect(next.dueInMs).toBeGreaterThanOrEqual(dueInMs);
      }),
    );
  });
});

describe('a head that was not run here yet', () => {
  it.each<[Partial<HeadState>, (number | undefined)[], boolean]>([
    [{ attempts: 1 }, [1], true],
    [{ attempts: 2 }, [undefined], false],
    [{ attempts: 3 }, [undefined], true],
    [{ attempts: 3 }, [2, 5], false],
    [{ kills: 2 }, [5], true],
    [{ attempts: 9 }, [], false],
  ])('that has %o, with limits of handlers %o: exhausted is %s', (given, asked, exhausted) => {
    expect(isExhausted({ ...untried, ...given }, asked, policy)).toBe(exhausted);
  });
});

describe('a last run', () => {
  it('runs each handler in its order, again those whose run was given up, and completes with those that are dead', () => {
    expect(decideLastRun({}, ['a', 'b'])).toEqual({ next: 'run', handler: 'a' });
    expect(decideLastRun({ a: 'started' }, ['a', 'b'])).toEqual({ next: 'run', handler: 'a' });
    expect(decideLastRun({ a: 'dead' }, ['a', 'b'])).toEqual({ next: 'run', handler: 'b' });
    expect(decideLastRun({ a: 'dead', b: 'processed' }, ['a', 'b'])).toEqual({ next: 'complete', dead: ['a'] });
  });

  it('takes no name for noted that is only something that every object has', () => {
    expect(decideLastRun({}, ['constructor'])).toEqual({ next: 'run', handler: 'constructor' });
  });

  it('forgets no dead handler that a later release no longer has: its dead letter is written', () => {
    expect(decideLastRun({ gone: 'dead' }, [])).toEqual({ next: 'complete', dead: ['gone'] });
  });

  // The other way to lose: a handler without an end, or one that is run again after its writes were committed.
  it('ends with every handler processed or dead, each run to its end exactly once, wherever runs are given up', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 6 });
    const outcomes = fc.infiniteStream(fc.constantFrom('processed', 'dead', 'given up', 'put off' as const));
    fc.assert(
      fc.property(names, outcomes, (asked, happens) => {
        const noted: Record<string, LastRun[string]> = {};
        const ended: string[] = [];
        for (let steps = 0; steps < 200; steps++) {
          const step = decideLastRun(noted, asked);
          if (step.next === 'complete') {
            expect(ended.toSorted(compare)).toEqual(asked.toSorted(compare));
            expect(asked.every((name) => noted[name] === 'processed' || noted[name] === 'dead')).toBe(true);
            expect(step.dead.every((name) => noted[name] === 'dead')).toBe(true);
            return;
          }
          noted[step.handler] = 'started';
          const outcome = steps < 100 ? happens.next().value : 'dead';
          if (outcome !== 'processed' && outcome !== 'dead') continue;
          noted[step.handler] = outcome;
          ended.push(step.handler);
        }
        throw new Error('never complete');
      }),
    );
  });
});

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
