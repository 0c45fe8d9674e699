import { HooklineError, type Logger } from '@hookline/runtime';
import type { Admin } from 'kafkajs';
import { createKafka, type KafkaConnection } from '../client/create-kafka.ts';

/**
 * Runs one piece of administration with a connection of its own, closed afterwards.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE when no broker answers
 */
export async function withAdmin<T>(
  connection: KafkaConnection,
  logger: Logger,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = createKafka(connection, logger).admin();
  try {
    await admin.connect();
  } catch (cause) {
    const brokers = connection.brokers.join(', ');
    throw new HooklineError(
      'KAFKA_UNAVAILABLE',
      `No Kafka broker answers at ${brokers}. Check that Kafka runs and that HOOKLINE_KAFKA_BROKERS names it.`,
      { cause },
    );
  }
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
