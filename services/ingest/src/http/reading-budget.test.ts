import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createReadingBudget, type Reading, type ReadingBudget } from './reading-budget.ts';

const LIMITS = { maxBytes: 1000, maxRequests: 3, minBytesPerSecond: 100, graceMs: 2000, maxMs: 10_000 };

describe('the budget of bodies that are being read', () => {
  let now: number;
  let budget: ReadingBudget;
  let abandoned: string[];

  beforeEach(() => {
    now = 0;
    abandoned = [];
    budget = createReadingBudget(LIMITS, { now: () => now, monotonic: () => now });
  });

  const begin = (name: string, bytes = 0): Reading => {
    const reading: Reading = {
      startedAt: now,
      bytes: 0,
      abandon: (reason) => {
        abandoned.push(`${name} ${reason}`);
        budget.end(reading);
      },
    };
    budget.begin(reading);
    budget.take(reading, bytes);
    return reading;
  };

  it('counts bytes as they arrive, and gives them back once', () => {
    const one = begin('one', 10);
    budget.take(one, 5);
    begin('two', 20);
    expect([budget.bytes, budget.requests]).toEqual([35, 2]);
    budget.end(one);
    budget.end(one);
    expect([budget.bytes, budget.requests]).toEqual([20, 1]);
  });

  it('takes memory from the body that holds the most, not from the newcomer', () => {
    begin('large', 600);
    begin('small', 300);
    begin('new', 200);
    expect(abandoned).toEqual(['large OVERLOADED']);
    expect(budget.bytes).toBe(500);
  });

  it('takes it from the newcomer where that one holds the most', () => {
    begin('small', 300);
    begin('new', 900);
    expect(abandoned).toEqual(['new OVERLOADED']);
  });

  it('takes a place from the body that is slowest, not from the newcomer', () => {
    begin('trickling', 10);
    now = 500;
    begin('fast', 400);
    begin('fresh', 0);
    now = 600;
    begin('new');
    expect(abandoned).toEqual(['trickling OVERLOADED']);
    expect(budget.requests).toBe(3);
  });

  it('takes no place from bodies that are all faster than they must be', () => {
    for (const name of ['a', 'b', 'c']) begin(name, 300);
    now = 100;
    begin('new');
    expect(abandoned).toEqual(['new OVERLOADED']);
  });

  it('gives up what is slower than the least rate, after a time of grace', () => {
    const slow = begin('slow', 1);
    const steady = begin('steady', 1);
    now = 2000;
    budget.tick();
    expect(abandoned).toEqual([]);
    now = 3000;
    budget.take(slow, 98);
    budget.take(steady, 99);
    budget.tick();
    expect(abandoned).toEqual(['slow REQUEST_TOO_SLOW']);
  });

  it('gives up what takes too long, however fast it is', () => {
    const endless = begin('endless', 900);
    now = 10_000;
    budget.tick();
    expect(abandoned).toEqual([]);
    now = 10_001;
    budget.tick();
    expect(abandoned).toEqual(['endless REQUEST_TOO_SLOW']);
    budget.end(endless);
    expect(budget.bytes).toBe(0);
  });

  it('is never exceeded, and is empty when all have ended, whatever happens in between', () => {
    const step = fc.record({
      what: fc.constantFrom('begin', 'take', 'end', 'tick'),
      which: fc.nat(5),
      by: fc.nat(900),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const all: Reading[] = [];
        budget = createReadingBudget(LIMITS, { now: () => now, monotonic: () => now });
        for (const { what, which, by } of steps) {
          const reading = all[which % (all.length || 1)];
          now += by;
          if (what === 'begin') all.push(begin('x', by));
          else if (what === 'tick') budget.tick();
          else if (reading !== undefined && what === 'end') budget.end(reading);
          else if (reading !== undefined) budget.take(reading, by);
          expect(budget.bytes).toBeLessThanOrEqual(LIMITS.maxBytes);
          expect(budget.requests).toBeLessThanOrEqual(LIMITS.maxRequests);
        }
        for (const reading of all) budget.end(reading);
        expect([budget.bytes, budget.requests]).toEqual([0, 0]);
      }),
    );
  });
});
