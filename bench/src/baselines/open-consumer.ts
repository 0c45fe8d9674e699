import { inspect } from 'node:util';
import type { Delivery } from '@hookline/contracts';
import type { Database } from '@hookline/database';
import { createKafka, createSchemaRegistry } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import { countCosts } from '../programs/count-costs.ts';
import { leaveOutcome } from '../programs/leave-outcome.ts';
import type { ConsumerOrders } from './consumer-orders.ts';
import { openDatabase } from './open-database.ts';

/** A record with what it carries. */
export interface ConsumedRecord {
  topic: string;
  partition: number;
  offset: bigint;
  orderingKey: string;
  delivery: Delivery;
}

interface Message {
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
}

/** What a consumer of a user's own is made of: the same clients as Hookline's, with nothing of Hookline around them. */
export interface OpenConsumer {
  /** Partitions that are to be worked on at once. */
  lanes: number;
  /** With a connection for each of them. */
  database: Database;
  consumer: ReturnType<ReturnType<typeof createKafka>['consumer']>;
  subscribe(): Promise<void>;
  /** Rejects on what is no delivery: there is none in the logs of benches. */
  read(partition: number, message: Message): Promise<ConsumedRecord>;
}

/** Ends the process where the work fails: KafkaJS would try it again, and what is measured would be something else. */
export async function orEnd(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  }
}

export function openConsumer(): OpenConsumer {
  const { BENCH_ORDERS = '{}', HOOKLINE_TOPIC: topic = '', ...env } = process.env;
  const { lanes, outcomeFile } = JSON.parse(BENCH_ORDERS) as ConsumerOrders;
  const costs = countCosts();
  leaveOutcome(outcomeFile, () => ({ ...costs.read() }));
  const logger = createLogger({ service: 'bench', level: 'error' });
  const registry = createSchemaRegistry({ url: env['HOOKLINE_REGISTRY_URL'] ?? '', topic, timeoutMs: 10_000 }, logger);
  const database: Database = costs.aroundDatabase(openDatabase(lanes));
  const brokers = (env['HOOKLINE_KAFKA_BROKERS'] ?? '').split(',');
  const consumer = createKafka({ brokers, clientId: 'bench' }, logger).consumer({
    groupId: env['HOOKLINE_CONSUMER_GROUP'] ?? '',
    maxWaitTimeInMs: 100,
  });
  process.once('SIGTERM', () => void consumer.disconnect().then(() => database.close()));

  return {
    lanes,
    database,
    consumer,
    async subscribe() {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
    },
    async read(partition, { offset, key, value }) {
      const decoded = registry.decodeCached(value) ?? (await registry.decode(value));
      if (!decoded.success || !('delivery' in decoded)) throw new Error(`${partition}/${offset} is no delivery.`);
      return { topic, partition, offset: BigInt(offset), orderingKey: String(key), delivery: decoded.delivery };
    },
  };
}
