import { Assignments, type AssignmentEvents, type OwnedPartition, type WorkEnd } from '../consume/assignments.ts';
import type { ReadRecord } from '../consume/partition-queue.ts';

type Call = [string, ...unknown[]];

/** The controls of a fetch loop and the events, written down in the order of their calls. */
export function setUp(overrides: {
  takeOver?: (partition: number, signal: AbortSignal) => Promise<bigint | 'FENCED'>;
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
    totalLimits: { records: 100, bytes: 10_000 },
    work: untilClosed,
    events,
    retryMs: 1,
    ...overrides,
    async takeOver(partition, signal) {
      const from = await (overrides.takeOver ?? (() => Promise.resolve(0n)))(partition, signal);
      return from === 'FENCED' ? from : { from };
    },
  });
  const fetching = {
    giveUp: (reason: Error) => note('giveUp')(reason.message),
    pause: note('pause'),
    resume: note('resume'),
    seekAndResume: note('seekAndResume'),
  };
  return { assignments, fetching, calls };
}

export async function untilClosed(owned: OwnedPartition): Promise<WorkEnd> {
  while ((await owned.take({ records: 100, bytes: 1000 })).length > 0);
  return 'CLOSED';
}

export function records(from: number, count: number): ReadRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    partition: 0,
    offset: BigInt(from + i),
    key: Buffer.from('k'),
    value: Buffer.alloc(1),
    time: 0,
  }));
}

/** Lets everything run that needs no more than the promises at hand. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export const has = (calls: Call[], name: string, count = 1) => calls.filter(([at]) => at === name).length >= count;
