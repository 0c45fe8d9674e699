import { partitionOf, type Delivery } from '@hookline/contracts';
import { createDeliveryLog, createSchemaRegistry } from '@hookline/kafka';
import type { StackAddresses } from '@hookline/local-stack';
import { createLogger, createMetrics } from '@hookline/runtime';

export interface Appended {
  key: string;
  partition: number;
  offset: bigint;
}

/** Deadlines are tested where they are given: here a busy machine must not fail a test, nor make an append go twice. */
const PATIENCE = { deadlineMs: 60_000, sendTimeoutMs: 15_000 };

/** Appends deliveries to a topic, in order, by the log writer that ingest uses. Other values are written as they are. */
export async function appendDeliveries(
  stack: Pick<StackAddresses, 'brokers' | 'registryUrl'>,
  { topic, partitions }: { topic: string; partitions: number },
  deliveries: readonly (Delivery | { key: string; value: Buffer })[],
): Promise<Appended[]> {
  const logger = createLogger({ service: 'append-deliveries', level: 'silent' });
  const metrics = createMetrics({ service: 'append-deliveries' });
  const registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger);
  const schemaId = await registry.deliverySchemaId(topic);
  const connection = { brokers: stack.brokers, clientId: 'append-deliveries' };
  const log = createDeliveryLog({ connection, topic, partitions, ...PATIENCE }, { logger, metrics });
  await log.start();
  try {
    return await Promise.all(
      deliveries.map(async (delivery) => {
        const raw = 'value' in delivery;
        const key = raw ? delivery.key : `github.com/repository/${delivery.repositoryId}`;
        const value = raw ? delivery.value : registry.encodeDelivery(schemaId, delivery);
        const result = await log.append({ key, partition: partitionOf(key, partitions), value, headers: {} });
        if (!result.success) throw new Error(`A test's append failed: ${result.reason}, ${result.detail}`);
        return { key, partition: result.partition, offset: BigInt(result.offset) };
      }),
    );
  } finally {
    await log.stop();
  }
}
