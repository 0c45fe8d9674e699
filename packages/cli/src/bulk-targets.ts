import {
  readDeadTargets,
  type Database,
  type DeadLog,
  type DeadTarget,
  type DeadTargetFilter,
} from '@hookline/database';

/** A delivery that a bulk is about, with the log that it is of. */
export type BulkTarget = DeadTarget & DeadLog;

/** Runs one piece of reading; no connection is held between two. */
type Reading = <T>(work: (database: Database) => Promise<T>) => Promise<T>;

interface Place {
  consumerGroup: string;
  topic: string;
}

const PAGE = 500;

/**
 * All deliveries with chosen dead letters, in pages. Within each partition, and so within each key, in the order of its
 * logs; the partitions take turns, so that all of their owners have something to do.
 *
 * @param logs those of a partition as they followed each other
 */
export async function* bulkTargets(
  on: Reading,
  place: Place,
  filter: DeadTargetFilter,
  logs: readonly DeadLog[],
): AsyncGenerator<BulkTarget[]> {
  const byPartition = Map.groupBy(logs, ({ partition }) => partition).values();
  let left = [...byPartition].map((of) => pagesOf(on, place, filter, of));
  while (left.length > 0) {
    const more: typeof left = [];
    for (const pages of left) {
      const { value, done } = await pages.next();
      if (done) continue;
      more.push(pages);
      yield value;
    }
    left = more;
  }
}

async function* pagesOf(
  on: Reading,
  place: Place,
  filter: DeadTargetFilter,
  logs: readonly DeadLog[],
): AsyncGenerator<BulkTarget[], undefined> {
  for (const log of logs) {
    for (let after: bigint | null = null; ;) {
      const page: DeadTarget[] = await on((database) =>
        readDeadTargets(database, { ...place, ...log }, filter, { after, limit: PAGE }),
      );
      if (page.length > 0) yield page.map((target) => ({ ...target, ...log }));
      if (page.length < PAGE) break;
      after = (page.at(-1) as DeadTarget).offset;
    }
  }
}
