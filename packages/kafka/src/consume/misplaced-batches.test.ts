import { describe, expect, it } from '@jest/globals';
import { has, records, setUp, until, untilClosed } from '../testing/set-up-assignments.ts';
import type { OwnedPartition, WorkEnd } from './assignments.ts';

describe('a batch that does not continue its queue', () => {
  it('seeks back for batches of another place, and ends the queue with its place when they keep coming', async () => {
    const ended = Promise.withResolvers<OwnedPartition>();
    const { assignments, fetching, calls } = setUp({
      takeOver: () => Promise.resolve(10n),
      async work(owned) {
        await untilClosed(owned);
        ended.resolve(owned);
        return 'CLOSED';
      },
    });
    assignments.begin([0], fetching);
    await until(() => has(calls, 'seekAndResume'));
    calls.length = 0;
    for (let i = 0; i < 3; i++) expect(assignments.accept(0, records(50, 2), fetching)).toBe(false);
    expect(calls.filter(([name]) => name === 'seekAndResume')).toHaveLength(3);
    expect(assignments.accept(0, records(50, 2), fetching)).toBe(false);
    expect(calls.at(-1)).toEqual(['pause', [0]]);
    expect((await ended.promise).discontinuity()).toEqual({ expected: 10n, found: 50n });
    await assignments.drain(1000);
  });

  // What lies before the hole is in the log, was accepted, and has to be processed whatever becomes of the rest.
  it('hands out what comes before a hole inside a batch, and fetches nothing behind it', async () => {
    const go = Promise.withResolvers<void>();
    const taken: bigint[] = [];
    const { assignments, fetching, calls } = setUp({
      takeOver: () => Promise.resolve(10n),
      async work({ take, discontinuity, closing }) {
        await go.promise;
        for (let read = await take({ records: 1, bytes: 1 }); read.length > 0;) {
          taken.push(...read.map(({ offset }) => offset));
          read = await take({ records: 1, bytes: 1 });
        }
        expect(discontinuity()).toEqual({ expected: 15n, found: 20n });
        await new Promise((resolve) => closing.addEventListener('abort', resolve));
        return 'CLOSED';
      },
    });
    assignments.begin([0], fetching);
    await until(() => has(calls, 'seekAndResume'));
    const holed = [...records(10, 5), ...records(20, 2)];
    for (let i = 0; i < 4; i++) expect(assignments.accept(0, holed, fetching)).toBe(false);
    calls.length = 0;
    go.resolve();
    await until(() => taken.length === 5);
    // One that another fetcher had waiting.
    expect(assignments.accept(0, records(15, 1), fetching)).toBe(false);
    expect(calls.filter(([name]) => name !== 'pause')).toEqual([]);
    expect(taken).toEqual([10n, 11n, 12n, 13n, 14n]);
    await assignments.drain(1000);
  });

  it('forgets misplaced batches once the queue goes on', async () => {
    const { assignments, fetching, calls } = setUp({});
    assignments.begin([0], fetching);
    await until(() => has(calls, 'seekAndResume'));
    for (let i = 0; i < 8; i++) {
      expect(assignments.accept(0, records(90, 1), fetching)).toBe(false);
      expect(assignments.accept(0, records(i, 1), fetching)).toBe(true);
    }
    expect(calls.filter(([name]) => name === 'misplaced')).toHaveLength(8);
    await assignments.drain(1000);
  });

  // They say where the fetch loop was before our seek. Counted, they would end in a halt where nothing is wrong.
  it('says nothing about batches that were fetched before a seek that still waits', async () => {
    const { assignments, fetching, calls } = setUp({ takeOver: () => Promise.resolve(10n) });
    assignments.begin([0], fetching);
    await until(() => has(calls, 'seekAndResume'));
    calls.length = 0;
    for (let i = 0; i < 8; i++) expect(assignments.accept(0, records(50, 2), fetching, true)).toBe(false);
    expect(assignments.accept(0, records(10, 2), fetching, true)).toBe(false);
    expect(calls).toEqual([]);
    expect(assignments.accept(0, records(10, 2), fetching)).toBe(true);
    await assignments.drain(1000);
  });

  // The member still fetches while its last slices end. What it refuses then says nothing about the log either.
  it('refuses batches while it drains, without taking them for another place of the log', async () => {
    let owned: OwnedPartition | undefined;
    const gate = Promise.withResolvers<void>();
    const { assignments, fetching, calls } = setUp({
      work: async (given) => {
        owned = given;
        await gate.promise;
        return 'CLOSED';
      },
    });
    assignments.begin([0], fetching);
    await until(() => owned !== undefined);
    const drained = assignments.drain(60_000);
    calls.length = 0;
    for (let i = 0; i < 8; i++) expect(assignments.accept(0, records(i, 1), fetching)).toBe(false);
    expect(owned?.discontinuity()).toBeNull();
    expect(calls).toEqual(Array.from({ length: 8 }, () => ['pause', [0]]));
    gate.resolve();
    await drained;
  });

  it('does not resume a full queue because a batch of another place came', async () => {
    const gate = Promise.withResolvers<WorkEnd>();
    const { assignments, fetching, calls } = setUp({ work: () => gate.promise });
    assignments.begin([0], fetching);
    await until(() => has(calls, 'seekAndResume'));
    assignments.accept(0, records(0, 4), fetching);
    expect(calls.at(-1)).toEqual(['pause', [0]]);
    expect(assignments.accept(0, records(9, 1), fetching)).toBe(false);
    expect(calls.at(-1)).toEqual(['pause', [0]]);
    gate.resolve('CLOSED');
    await assignments.drain(1000);
  });
});
