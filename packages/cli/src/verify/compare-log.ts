import type { PartitionHalt, Problem, StoredPartition } from '@hookline/database';
import type { LogBounds } from '@hookline/kafka';

export const LOG_CODES = {
  OFFSET_BEYOND_LOG: 'The stored offset is beyond the end of the log: the log was lost, or made anew.',
  LOG_EXPIRED_UNREAD:
    'The log begins above the stored offset: records have expired unread, and the partition is not halted.',
  COMMITTED_AHEAD: 'Kafka has a higher offset committed than is stored: the database is of an earlier state.',
} as const;

/** What was asked, in this order: so what only grows was smaller before, and larger after. */
export interface Compared {
  topic: string;
  before: readonly StoredPartition[];
  log: ReadonlyMap<number, LogBounds>;
  after: readonly StoredPartition[];
  halts: readonly PartitionHalt[];
}

/** What is stored, and what Kafka has. A halted partition is known to be broken, and says why by itself. Pure. */
export function compareLog({ topic, before, log, after, halts }: Compared): Problem[] {
  return after.flatMap(({ partition, nextOffset, incarnation }) => {
    const bounds = log.get(partition);
    if (!bounds || halts.some((halt) => halt.partition === partition)) return [];
    const problem = (code: keyof typeof LOG_CODES, detail: string): Problem => ({
      code,
      topic,
      partition,
      incarnation,
      offset: nextOffset,
      subject: null,
      detail,
    });
    const earlier = before.find((row) => row.partition === partition)?.nextOffset ?? 0n;
    return [
      ...(earlier > bounds.end ? [problem('OFFSET_BEYOND_LOG', `The log ends at ${bounds.end}.`)] : []),
      ...(nextOffset < bounds.start ? [problem('LOG_EXPIRED_UNREAD', `The log begins at ${bounds.start}.`)] : []),
      ...(bounds.committed !== null && bounds.committed > nextOffset
        ? [problem('COMMITTED_AHEAD', `The group has committed ${bounds.committed}.`)]
        : []),
    ];
  });
}
