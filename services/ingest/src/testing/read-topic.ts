import { randomUUID } from 'node:crypto';
import type { Delivery } from '@hookline/contracts';
import { createKafka, createSchemaRegistry } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';

export interface ReadRecord {
  partition: number;
  offset: string;
  key: string;
  headers: Record<string, string>;
  delivery: Delivery;
}

/** Everything that is in a topic now, decoded. */
export async function readTopic(
  stack: { brokers: string[]; registryUrl: string },
  topic: string,
): Promise<ReadRecord[]> {
  const logger = createLogger({ service: 'read-topic', level: 'error' });
  const kafka = createKafka({ brokers: stack.brokers, clientId: 'read-topic' }, logger);
  const registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger);
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const missing = new Map(ends.filter(({ low, high }) => low !== high).map((end) => [end.partition, BigInt(end.high)]));
  const records: ReadRecord[] = [];
  if (missing.size === 0) return records;

  const consumer = kafka.consumer({ groupId: `read-topic.${randomUUID()}`, maxWaitTimeInMs: 100 });
  const done = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    async eachMessage({ partition, message }) {
      const decoded = await registry.decode(message.value);
      if (!decoded.success) throw new Error(decoded.detail);
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      records.push({
        partition,
        offset: message.offset,
        key: String(message.key),
        headers: Object.fromEntries(headers) as Record<string, string>,
        delivery: decoded.delivery,
      });
      if (BigInt(message.offset) + 1n >= (missing.get(partition) ?? 0n)) missing.delete(partition);
      if (missing.size === 0) done.resolve();
    },
  });
  await done.promise;
  await consumer.disconnect();
  return records;
}
