import type { Delivery } from '@hookline/contracts';
import { createSchemaRegistry, readTopic, readTopicEnds } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import type { System } from '../system/start-system.ts';

/** A record of the log, decoded. */
export interface LoggedDelivery {
  partition: number;
  offset: bigint;
  key: string;
  delivery: Delivery;
}

const logger = createLogger({ service: 'e2e', level: 'error' });

/** Everything that is in the log now, by partition and offset, read past every service. */
export async function readLog({ stack, topic }: System): Promise<LoggedDelivery[]> {
  const connection = { brokers: stack.brokers, clientId: 'e2e' };
  const to = await readTopicEnds(connection, logger, topic);
  const records = await readTopic(connection, logger, { topic, from: new Map(), to, timeoutMs: 60_000 });
  const registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger);
  const logged: LoggedDelivery[] = [];
  for (const { partition, offset, key, value } of records) {
    const decoded = registry.decodeCached(value) ?? (await registry.decode(value));
    if (!decoded.success) throw new Error(`Record ${partition}/${offset} is no delivery: ${decoded.detail}`);
    logged.push({ partition, offset, key: String(key), delivery: decoded.delivery });
  }
  return logged;
}

/** How many records the log has. */
export async function countLog({ stack, topic }: System): Promise<bigint> {
  const ends = await readTopicEnds({ brokers: stack.brokers, clientId: 'e2e' }, logger, topic);
  return [...ends.values()].reduce((sum, end) => sum + end, 0n);
}
