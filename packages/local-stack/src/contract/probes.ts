import type { Database } from '@hookline/database';
import { createKafka } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import { connectTo } from '@hookline/test-support';
import type { Stack } from '../stack.ts';
import { testTopic } from '../testing/test-topic.ts';

/** Data written to each server of a stack, to be found again. */
export interface Written {
  topic: string;
}

const logger = createLogger({ service: 'stack-contract', level: 'fatal' });

/** Writes one thing to each server: a record to Kafka, a subject to the registry, a row to PostgreSQL. */
export async function writeToAll(stack: Stack): Promise<Written> {
  const topic = await testTopic({ stack: stack.addresses, partitions: 1 });
  const producer = kafka(stack).producer();
  await producer.connect();
  await producer.send({ topic, acks: -1, messages: [{ value: 'kept' }] });
  await producer.disconnect();
  await withDatabase(stack, async (database) => {
    await database.query('create table kept (value text)');
    await database.query(`insert into kept values ('kept')`);
  });
  return { topic };
}

export interface Found {
  endOffset: string | undefined;
  subjects: string[];
  rows: unknown[];
}

/** What is there of it. */
export async function readFromAll(stack: Stack, { topic }: Written): Promise<Found> {
  const admin = kafka(stack).admin();
  await admin.connect();
  const [end] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const subjects = (await (await fetch(`${stack.addresses.registryUrl}/subjects`)).json()) as string[];
  const rows = await withDatabase(stack, async (database) => (await database.query('select value from kept')).rows);
  return { endOffset: end?.high, subjects: subjects.toSorted((one, other) => one.localeCompare(other)), rows };
}

/** The brokers that each broker of the cluster names, by port. */
export async function clusterPorts(stack: Stack): Promise<number[]> {
  const admin = kafka(stack).admin();
  await admin.connect();
  const { brokers } = await admin.describeCluster();
  await admin.disconnect();
  return brokers.map(({ port }) => port).sort((a, b) => a - b);
}

function kafka(stack: Stack) {
  return createKafka({ brokers: stack.addresses.brokers, clientId: 'stack-contract' }, logger);
}

async function withDatabase<T>(stack: Stack, work: (database: Database) => Promise<T>): Promise<T> {
  const database = connectTo(stack.addresses.databaseUrl, { poolSize: 1, queryTimeoutMs: 10_000 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
