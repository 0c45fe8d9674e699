import { describe, expect, it } from '@jest/globals';
import { Assignments, type AssignmentEvents, type OwnedPartition, type WorkEnd } from './assignments.ts';
import type { ReadRecord } from './partition-queue.ts';

type Call = [string, ...unknown[]];

/** The controls of a fetch loop and the events, written down in the order of their calls. */
function setUp(overrides: {
  takeOver?: (partition: number, signal: AbortSignal) => Promise<bigint>;
  work?: (owned: OwnedPartition) => Promise<WorkEnd>;
}) {
  const calls: Call[] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const events: AssignmentEvents = {
    takeOverFailed: (partition, error) => note('takeOverFailed')(partition, (error as Error).message),
    owned: note('owned'),
    misplaced: note('misplaced'),
    workCrashed: (partition, error) => note('workCrashed')(partition, (error as Error).message),
  };
  const assignments = new Assignments({
    queueLimits: { records: 4, bytes: 1000 },
    work: untilClosed,
    events,
    retryMs: 1,
    ...overrides,
    async takeOver(partition, signal) {
      return { from: await (overrides.takeOver ?? (() => Promise.resolve(0n)))(partition, signal) };
    },
  });
  const fetching = { pause: note('pause'), resume: note('resume'), seekAndResume: note('seekAndResume') };
  return { assignments, fetching, calls };
}

async function untilClosed(owned: OwnedPartition): Promise<WorkEnd> {
  while ((await owned.take({ records: 100, bytes: 1000 })).length > 0);
  return 'CLOSED';
}

function records(from: number, count: number): ReadRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    partition: 0,
    offset: BigInt(from + i),
    key: 'k',
    value: Buffer.alloc(1),
    time: 0,
  }));
}

/** Lets everything run that needs no more than the promises at hand. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const has = (calls: Call[], name: string, count = 1) => calls.filter(([at]) => at === name).length >= count;

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
