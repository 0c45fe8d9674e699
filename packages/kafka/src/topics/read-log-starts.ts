import type { Logger } from '@hookline/runtime';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { withAdmin } from './with-admin.ts';

/**
 * The lowest offset that each partition of a topic still has: where a first reader begins.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE; what KafkaJS throws where the topic does not exist
 */
export async function readLogStarts(
  connection: KafkaConnection,
  logger: Logger,
  topic: string,
): Promise<ReadonlyMap<number, bigint>> {
  const bounds = await withAdmin(connection, logger, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(bounds.map(({ partition, low }) => [partition, BigInt(low)]));
}
