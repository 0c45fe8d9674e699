import type { Logger } from '@hookline/runtime';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { partitionsOf } from './partitions-of.ts';
import { withAdmin } from './with-admin.ts';

/**
 * How many partitions Kafka has of a topic, or null where it does not exist.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE
 */
export async function countPartitions(
  connection: KafkaConnection,
  logger: Logger,
  topic: string,
): Promise<number | null> {
  const partitions = await withAdmin(connection, logger, (admin) => partitionsOf(admin, topic));
  return partitions?.length ?? null;
}
