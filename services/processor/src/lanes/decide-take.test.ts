import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideTake, runTogether, type Suspicion } from './decide-take.ts';

const untried = { attempts: 0, kills: 0, deferrals: 0, position: 5n, carefulUntil: 0n };

describe('what the next run of a lane takes', () => {
  it.each([{ attempts: 1 }, { kills: 1 }, { deferrals: 1 }])('the head alone that was tried: %o', (tried) => {
    expect(decideTake({ ...untried, ...tried }, null, 100)).toEqual({ records: 1, before: null });
  });

  it('one at a time while a process has died in a run that held them, and several afterwards', () => {
    expect(decideTake({ ...untried, carefulUntil: 6n }, null, 100)).toEqual({ records: 1, before: null });
    expect(decideTake({ ...untried, carefulUntil: 5n }, null, 100)).toEqual({ records: 100, before: null });
  });

  it('what comes before the record that failed, then that record alone, then the rest', () => {
    const suspicion = { failed: 7n, through: 9n };
    const taken = (position: bigint) => decideTake({ ...untried, position }, suspicion, 100);
    expect(taken(5n)).toEqual({ records: 100, before: 7n });
    expect(taken(7n)).toEqual({ records: 1, before: null });
    expect(taken(8n)).toEqual({ records: 100, before: null });
  });

  it('one at a time up to the end of a run in which any could have failed', () => {
    const suspicion = { failed: null, through: 6n };
    const taken = (position: bigint) => decideTake({ ...untried, position }, suspicion, 100);
    expect([taken(5n), taken(6n), taken(7n)].map(({ records }) => records)).toEqual([1, 1, 100]);
  });

  // A lane of 10,000 with one poisoned record in each slice must not cost a failing run per record.
  it('finds each poisoned record with one failing run more, and never runs one together with others twice', () => {
    const lanes = fc.record({
      length: fc.integer({ min: 1, max: 60 }),
      poisoned: fc.uniqueArray(fc.nat({ max: 59 }), { maxLength: 5 }),
      limit: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(lanes, ({ length, poisoned, limit }) => {
        let position = 0;
        let suspicion: Suspicion | null = null;
        let failedTogether = 0;
        while (position < length) {
          const take = decideTake({ ...untried, position: BigInt(position) }, suspicion, limit);
          const end = Math.min(length, position + take.records, take.before === null ? length : Number(take.before));
          const failed = poisoned.filter((p) => p >= position && p < end).toSorted((a, b) => a - b)[0];
          expect(end).toBeGreaterThan(position);
          if (failed === undefined || end - position === 1) {
            position = end;
          } else {
            failedTogether += 1;
            suspicion = { failed: BigInt(failed), through: BigInt(end - 1) };
          }
        }
        expect(failedTogether).toBeLessThanOrEqual(poisoned.length);
      }),
    );
  });
});

describe('what runs together', () => {
  // One transaction runs the same handlers for all; and who is in a last run must not take others with it.
  it.each([
    ['', ''],
    ['nnn', 'nnn'],
    ['nnan', 'nn'],
    ['an', 'a'],
    ['aaan', 'aaa'],
    ['aab', 'aa'],
    ['nnl', 'nn'],
    ['lnn', 'l'],
    ['aam', 'aa'],
    ['maa', 'm'],
  ])('of %s: %s', (read, together) => {
    const handlers = { a: ['x', 'y'], b: ['x'], m: ['x', 'y'] };
    const records = Array.from(read, (one) => ({
      dead: one in handlers ? { handlers: handlers[one as keyof typeof handlers] } : null,
      lastRun: one === 'l' || one === 'm' ? {} : null,
    }));
    expect(runTogether(records)).toEqual(records.slice(0, together.length));
  });

  it('are those of the same handlers, in whatever order these were named', () => {
    const records = [['x', 'y'], ['y', 'x'], ['y']].map((handlers) => ({ dead: { handlers }, lastRun: null }));
    expect(runTogether(records)).toEqual(records.slice(0, 2));
  });
});
