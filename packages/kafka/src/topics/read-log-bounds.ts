import type { Logger } from '@hookline/runtime';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { withAdmin } from './with-admin.ts';

/** What Kafka has of one partition, and what a consumer group has committed there. */
export interface LogBounds {
  /** Lowest offset that still has a record, or will get the next one. */
  start: bigint;
  /** Offset that the next record gets. */
  end: bigint;
  /** The group's committed offset; null where it has none, or none was asked about. */
  committed: bigint | null;
}

/**
 * The bounds of every partition of a topic.
 *
 * @param groupId absent: no group is asked about, and so no coordinator, which may not be ready
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE; what KafkaJS throws where the topic does not exist
 */
export function readLogBounds(
  connection: KafkaConnection,
  logger: Logger,
  { topic, groupId }: { topic: string; groupId?: string },
): Promise<ReadonlyMap<number, LogBounds>> {
  return withAdmin(connection, logger, async (admin) => {
    // The group first: what it has committed lies below what the log had then, and the log only grows.
    const [group] = groupId === undefined ? [] : await admin.fetchOffsets({ groupId, topics: [topic] });
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    const bounds = await admin.fetchTopicOffsets(topic);
    return new Map(
      bounds.map(({ partition, low, high }) => {
        // KafkaJS says -1 where nothing was committed.
        const offset = committed.get(partition) ?? -1n;
        return [partition, { start: BigInt(low), end: BigInt(high), committed: offset < 0n ? null : offset }];
      }),
    );
  });
}
