import { DELIVERY_SCHEMA_NAME, isEndMark, type Delivery } from '@hookline/contracts';
import { createSchemaRegistry } from '@hookline/kafka';
import type { StackAddresses } from '@hookline/local-stack';
import { createLogger } from '@hookline/runtime';
import { readRecords, type TopicRecord } from './read-records.ts';

/** A record of the log, decoded. */
export interface LoggedDelivery extends TopicRecord {
  key: string;
  delivery: Delivery;
}

const logger = createLogger({ service: 'read-deliveries', level: 'error' });

/**
 * Every delivery that is in a topic now, by partition and offset, read past every service. Control records are
 * left out, and marks of an end; rejects for what is none of these.
 */
export async function readDeliveries(
  stack: Pick<StackAddresses, 'brokers' | 'registryUrl'>,
  topic: string,
): Promise<LoggedDelivery[]> {
  const registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger);
  const logged: LoggedDelivery[] = [];
  for (const record of await readRecords(stack.brokers, topic)) {
    if (isEndMark(record.value)) continue;
    const decoded = registry.decodeCached(record.value) ?? (await registry.decode(record.value));
    const place = `Record ${record.partition}/${record.offset}`;
    if (!decoded.success) throw new Error(`${place} is no delivery: ${decoded.detail}`);
    if (decoded.kind !== DELIVERY_SCHEMA_NAME) continue;
    logged.push({ ...record, key: String(record.key), delivery: decoded.delivery });
  }
  return logged;
}
