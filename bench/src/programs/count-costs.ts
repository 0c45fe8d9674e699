import { GCProfiler, getHeapStatistics } from 'node:v8';
import type { AcquiredClient, Database, Queryable } from '@hookline/database';

/** What a program has cost, in numbers that a busy machine does not move. */
export interface Counts {
  /** Statements, or texts of several, that were sent to the database. */
  roundTrips: number;
  /** On JavaScript's heap and in buffers, as seen by the garbage collector; what it frees while the program goes on hides some. */
  allocatedBytes: number;
}

export interface Costs {
  /** Puts the counting around a database. */
  aroundDatabase(database: Database): Database;
  read(): Counts;
}

/** Counts from now on. */
export function countCosts(): Costs {
  const profiler = new GCProfiler();
  const before = sizeNow();
  profiler.start();
  let roundTrips = 0;
  const counting = <Q extends Queryable>(on: Q): Q => ({
    ...on,
    query: (text: string, values?: readonly unknown[]) => {
      roundTrips += 1;
      return on.query(text, values);
    },
  });
  return {
    aroundDatabase: (database) => ({
      ...counting(database),
      acquire: async (): Promise<AcquiredClient> => counting(await database.acquire()),
    }),
    read: () => ({ roundTrips, allocatedBytes: allocatedSince(before, profiler.stop()?.statistics ?? []) }),
  };
}

type Collection = Pick<NonNullable<ReturnType<GCProfiler['stop']>>['statistics'][number], 'beforeGC' | 'afterGC'>;

/** What came until the first collection, between one's end and the next one's begin, and since the last one. */
function allocatedSince(before: number, collections: readonly Collection[]): number {
  let end = before;
  let sum = 0;
  for (const { beforeGC, afterGC } of collections) {
    sum += Math.max(0, sizeOf(beforeGC) - end);
    end = sizeOf(afterGC);
  }
  return sum + Math.max(0, sizeNow() - end);
}

function sizeNow(): number {
  const { used_heap_size: used, external_memory: external } = getHeapStatistics();
  return used + external;
}

function sizeOf({ heapStatistics }: Collection['beforeGC']): number {
  return heapStatistics.usedHeapSize + heapStatistics.externalMemory;
}
