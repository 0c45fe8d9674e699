import { describe, expect, it } from '@jest/globals';
import { has, records, setUp, until, untilClosed } from '../testing/set-up-assignments.ts';
import type { OwnedPartition, WorkEnd } from './assignments.ts';

describe('Assignments', () => {
  it('pauses every partition of a join before it returns, and reads from the offset of the takeover only', async () => {
    const { assignments, fetching, calls } = setUp({ takeOver: (p) => Promise.resolve(BigInt(p * 10)) });
    assignments.begin([1, 2], fetching);
    expect(calls).toEqual([['pause', [1, 2]]]);
    await until(() => has(calls, 'seekAndResume', 2));
    expect(calls).toContainEqual(['seekAndResume', 1, 10n]);
    expect(calls).toContainEqual(['seekAndResume', 2, 20n]);
    await assignments.drain(1000);
  });

  it('takes nothing before the offset is known, and nothing for a partition that is not ours', async () => {
    const gate = Promise.withResolvers<bigint>();
    const { assignments, fetching } = setUp({ takeOver: () => gate.promise });
    assignments.begin([0], fetching);
    expect(assignments.accept(0, records(0, 1), fetching)).toBe(false);
    expect(assignments.accept(5, records(0, 1), fetching)).toBe(false);
    gate.resolve(0n);
    await assignments.drain(1000);
  });

  // Two joins whose loads resolve in reverse: the older load must neither seek nor resume.
  it('drops a takeover of an older join that resolves late', async () => {
    const gates = [Promise.withResolvers<bigint>(), Promise.withResolvers<bigint>()];
    let join = 0;
    const { assignments, fetching, calls } = setUp({ takeOver: () => gates[join++]!.promise });
    assignments.begin([0], fetching);
    assignments.begin([0], fetching);
    gates[1]!.resolve(200n);
    await until(() => has(calls, 'seekAndResume'));
    gates[0]!.resolve(100n);
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls.filter(([name]) => name === 'seekAndResume')).toEqual([['seekAndResume', 0, 200n]]);
    expect(assignments.accept(0, records(100, 1), fetching)).toBe(false);
    expect(assignments.accept(0, records(200, 1), fetching)).toBe(true);
    await assignments.drain(1000);
  });

  it('gives up retained partitions too at a new join: their signal is aborted and their queue is empty', async () => {
    const owned: OwnedPartition[] = [];
    const { assignments, fetching } = setUp({
      work: (partition) => {
        owned.push(partition);
        return untilClosed(partition);
      },
    });
    assignments.begin([0], fetching);
    await until(() => owned.length === 1);
    assignments.begin([0], fetching);
    await until(() => owned.length === 2);
    expect(owned.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(assignments.partitions).toEqual([0]);
    await assignments.drain(1000);
  });

  it('pauses a partition whose queue is full, and resumes it when the queue has drained', async () => {
    let go = () => {};
    const { assignments, fetching, calls } = setUp({
      work: async (owned) => {
        await new Promise<void>((resolve) => (go = resolve));
        return untilClosed(owned);
      },
    });
    assignments.begin([0], fetching);
    await until(() => has(calls, 'seekAndResume'));
    calls.length = 0;
    expect(assignments.accept(0, records(0, 3), fetching)).toBe(true);
    expect(calls).toEqual([]);
    expect(assignments.accept(0, records(3, 3), fetching)).toBe(true);
    expect(calls).toEqual([['pause', [0]]]);
    go();
    await until(() => has(calls, 'resume'));
    await assignments.drain(1000);
  });

  it('tries a failed takeover again, for as long as the partition is assigned', async () => {
    let tries = 0;
    const { assignments, fetching, calls } = setUp({
      takeOver: () => (++tries < 3 ? Promise.reject(new Error(`try ${tries}`)) : Promise.resolve(5n)),
    });
    assignments.begin([0], fetching);
    await until(() => has(calls, 'owned'));
    expect(calls.filter(([name]) => name === 'takeOverFailed')).toEqual([
      ['takeOverFailed', 0, 'try 1'],
      ['takeOverFailed', 0, 'try 2'],
    ]);
    await assignments.drain(1000);
    expect(tries).toBe(3);
  });

  it('says nothing of a takeover that fails because its partition was lost', async () => {
    const { assignments, fetching, calls } = setUp({
      takeOver: (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    });
    assignments.begin([0], fetching);
    await assignments.drain(1000);
    expect(has(calls, 'takeOverFailed')).toBe(false);
  });

  it('leaves a partition paused while its takeover waits, and gives the wait up when it drains', async () => {
    const { assignments, fetching, calls } = setUp({
      takeOver: (partition, signal) =>
        partition === 1
          ? Promise.resolve(0n)
          : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    });
    assignments.begin([0, 1], fetching);
    await until(() => has(calls, 'seekAndResume'));
    expect(calls.filter(([name]) => name === 'seekAndResume')).toEqual([['seekAndResume', 1, 0n]]);
    expect(assignments.accept(0, records(0, 1), fetching)).toBe(false);
    await assignments.drain(60_000);
  });

  // A stale process's late epoch bump can fence the true owner, which must take over again.
  it('takes a partition over again when its work was fenced out, crashed, or was resumed after a halt', async () => {
    const ends: (() => Promise<WorkEnd>)[] = [
      () => Promise.resolve('FENCED'),
      () => Promise.reject(new Error('a bug')),
      () => Promise.resolve('RESUMED'),
      () => Promise.resolve('CLOSED'),
    ];
    let next = 0;
    const { assignments, fetching, calls } = setUp({ work: () => ends[next++]!() });
    assignments.begin([0], fetching);
    await until(() => next === 4 && calls.at(-1)?.[0] === 'pause');
    expect(calls.filter(([name]) => name === 'owned')).toHaveLength(4);
    expect(calls).toContainEqual(['workCrashed', 0, 'a bug']);
    await assignments.drain(1000);
  });

  // A member that hears nothing from the group (its heartbeats go by a clock that was set back) never loses a partition
  // by itself: it and the true owner would fence each other out by turns.
  it.each([
    ['in its work', { work: () => Promise.resolve<WorkEnd>('FENCED') }],
    ['in its takeover', { takeOver: () => Promise.resolve('FENCED' as const) }],
  ])('gives its client up when a partition is taken from it a second time in one join, %s', async (_, overrides) => {
    const { assignments, fetching, calls } = setUp(overrides);
    assignments.begin([3], fetching);
    await until(() => has(calls, 'giveUp'));
    expect(calls.filter(([name]) => name === 'giveUp')).toEqual([
      ['giveUp', 'partition 3 has another owner, who took it 2 times since this member joined'],
    ]);
    await assignments.drain(1000);
  });

  it('keeps its client when work only begins again, when each partition is taken once, and once in each join', async () => {
    const ends: WorkEnd[] = ['AGAIN', 'FENCED', 'AGAIN', 'AGAIN'];
    const next = [0, 0];
    const { assignments, fetching, calls } = setUp({
      work: (owned) => {
        const end = ends[next[owned.partition]!++];
        return end ? Promise.resolve(end) : untilClosed(owned);
      },
    });
    for (const join of [1, 2]) {
      next.fill(0);
      assignments.begin([0, 1], fetching);
      await until(() => has(calls, 'owned', join * 10));
    }
    expect(has(calls, 'giveUp')).toBe(false);
    await assignments.drain(1000);
  });

  it('is quiet about work that throws because it only waited when the consumer drained', async () => {
    const lost: boolean[] = [];
    const { assignments, fetching, calls } = setUp({
      work: ({ closing, signal }) =>
        new Promise((_resolve, reject) =>
          closing.addEventListener('abort', () => {
            lost.push(signal.aborted);
            reject(closing.reason as Error);
          }),
        ),
    });
    assignments.begin([0], fetching);
    await until(() => has(calls, 'owned'));
    await assignments.drain(1000);
    expect(lost).toEqual([false]);
    expect(has(calls, 'workCrashed')).toBe(false);
  });

  it('is quiet about work that throws because its partition was lost', async () => {
    const { assignments, fetching, calls } = setUp({
      work: ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    });
    assignments.begin([0], fetching);
    await until(() => has(calls, 'owned'));
    assignments.lose();
    await assignments.drain(1000);
    expect(has(calls, 'workCrashed')).toBe(false);
  });

  it('drains by letting the slice that runs end, and aborts one that takes too long', async () => {
    const finished: number[] = [];
    const gate = Promise.withResolvers<void>();
    const { assignments, fetching, calls } = setUp({
      work: async ({ partition, take, signal }) => {
        await take({ records: 1, bytes: 1 });
        if (partition === 0) await gate.promise;
        else await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('late'))));
        finished.push(partition);
        await take({ records: 1, bytes: 1 });
        return 'CLOSED';
      },
    });
    assignments.begin([0, 1], fetching);
    await until(() => has(calls, 'seekAndResume', 2));
    assignments.accept(0, records(0, 1), fetching);
    assignments.accept(1, records(0, 1), fetching);
    const drained = assignments.drain(50);
    gate.resolve();
    await drained;
    expect(finished).toEqual([0]);
  });
});
