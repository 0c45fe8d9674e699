import {
  readDeadTargets,
  type Database,
  type DeadPlace,
  type DeadTarget,
  type DeadTargetFilter,
} from '@hookline/database';

/** A delivery that a bulk is about, with its partition. */
export type BulkTarget = DeadTarget & { partition: number };

const PAGE = 200;

/**
 * All deliveries with chosen dead letters, in pages. Within each partition, and so within each key, in the order of the
 * log; the partitions take turns, so that all of their owners have something to do.
 *
 * @param on runs one piece of reading; no connection is held between the pages
 */
export async function* bulkTargets(
  on: <T>(work: (database: Database) => Promise<T>) => Promise<T>,
  place: { consumerGroup: string; topic: string },
  filter: DeadTargetFilter,
  partitions: readonly number[],
): AsyncGenerator<BulkTarget[]> {
  const left = new Map<number, DeadPlace | null>(partitions.map((partition) => [partition, null]));
  while (left.size > 0) {
    for (const [partition, after] of left) {
      const page = await on((database) =>
        readDeadTargets(database, { ...place, partition }, filter, { after, limit: PAGE }),
      );
      const last = page.at(-1);
      if (last && page.length === PAGE) left.set(partition, last);
      else left.delete(partition);
      if (last) yield page.map((target) => ({ ...target, partition }));
    }
  }
}
