import { randomUUID } from 'node:crypto';
import { createKafka } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import { untilKafkaKnows } from './until-kafka-knows.ts';
import { until } from './until.ts';

/** A record of a topic as Kafka has it. */
export interface TopicRecord {
  partition: number;
  offset: bigint;
  key: string | null;
  headers: Record<string, string>;
  value: Buffer | null;
}

type Admin = ReturnType<ReturnType<typeof createKafka>['admin']>;

const TIMEOUT_MS = 60_000;
const logger = createLogger({ service: 'read-records', level: 'error' });

/** Everything that is in a topic now, in the order of partitions, then offsets. */
export async function readRecords(brokers: string[], topic: string): Promise<TopicRecord[]> {
  const kafka = createKafka({ brokers, clientId: 'read-records' }, logger);
  const bounds = await untilKafkaKnows(`the ends of ${topic}`, () => readBounds(kafka.admin(), topic));
  const ends = new Map(bounds.map(({ partition, high }) => [partition, BigInt(high)]));
  const wanted = bounds.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  if (wanted === 0) return [];

  // By place: Kafka may hand over a record twice.
  const found = new Map<string, TopicRecord>();
  const consumer = kafka.consumer({ groupId: `read-records.${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage({ partition, message }) {
        const offset = BigInt(message.offset);
        const headers = Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
        );
        const record = { partition, offset, key: message.key?.toString() ?? null, headers, value: message.value };
        if (offset < (ends.get(partition) ?? 0n)) found.set(`${partition}/${offset}`, record);
        return Promise.resolve();
      },
    });
    await until(`${wanted} records of ${topic}`, () => found.size === wanted, TIMEOUT_MS);
  } finally {
    await consumer.disconnect();
  }
  return [...found.values()].toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
}

async function readBounds(admin: Admin, topic: string) {
  await admin.connect();
  try {
    return await admin.fetchTopicOffsets(topic);
  } finally {
    await admin.disconnect();
  }
}
