import { partitionOf } from '@hookline/contracts';
import { createDeliveryLog, createSchemaRegistry } from '@hookline/kafka';
import type { StackAddresses } from '@hookline/local-stack';
import { createLogger, createMetrics } from '@hookline/runtime';
import { keyOf, newDelivery } from './deliveries.ts';

const CONCURRENCY = 500;

/**
 * Appends a delivery for each of the repositories, by the writer that ingest uses: a log for a processor to work off,
 * faster than webhooks would fill it.
 */
export async function fillLog(
  stack: Pick<StackAddresses, 'brokers' | 'registryUrl'>,
  { topic, partitions }: { topic: string; partitions: number },
  repositories: Iterator<number>,
): Promise<void> {
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger);
  const schemaId = await registry.deliverySchemaId(topic);
  const connection = { brokers: stack.brokers, clientId: 'bench' };
  const log = createDeliveryLog(
    { connection, topic, partitions, deadlineMs: 60_000 },
    { logger, metrics: createMetrics({ service: 'bench' }) },
  );
  const work = async (): Promise<void> => {
    for (let next = repositories.next(); !next.done; next = repositories.next()) {
      const key = keyOf(next.value);
      const value = registry.encodeDelivery(schemaId, newDelivery(next.value));
      const result = await log.append({ key, partition: partitionOf(key, partitions), value, headers: {} });
      if (!result.success) throw new Error(`The log could not be filled: ${result.reason}, ${result.detail}`);
    }
  };
  await log.start();
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  } finally {
    await log.stop();
  }
}
