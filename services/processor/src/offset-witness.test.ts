import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kafkaGroupId } from '@hookline/contracts';
import { recordTopicGeneration, type Database } from '@hookline/database';
import { createKafka, readLogBounds } from '@hookline/kafka';
import { testDatabase, testStack, testTopic, type TestDatabase } from '@hookline/local-stack';
import { createHealth, createLogger, createMetrics, readConfig, systemClock, type Service } from '@hookline/runtime';
import { aDelivery, appendDeliveries, connectTo, until } from '@hookline/test-support';
import { processorOptions } from './config.ts';
import { createProcessor } from './create-processor.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const group = `test-${randomUUID()}`;

let brokers: string[];
let db: TestDatabase;
let database: Database;
let topic: string;
let startProcessor: () => Promise<void>;
const running: Service[] = [];

beforeAll(async () => {
  const stack = await testStack();
  brokers = stack.brokers;
  db = await testDatabase();
  database = connectTo(db.url);
  topic = await testTopic({ partitions: 1 });
  await recordTopicGeneration(database, { topic, generation: 1, partitions: 1 });
  await appendDeliveries(stack, { topic, partitions: 1 }, [aDelivery(), aDelivery()]);
  startProcessor = async () => {
    const read = readConfig(processorOptions, {
      HOOKLINE_KAFKA_BROKERS: brokers.join(','),
      HOOKLINE_REGISTRY_URL: stack.registryUrl,
      HOOKLINE_DATABASE_URL: db.url,
      HOOKLINE_TOPIC: topic,
      HOOKLINE_TOPIC_PARTITIONS: '1',
      HOOKLINE_CONSUMER_GROUP: group,
      HOOKLINE_SESSION_TIMEOUT_MS: '3000',
    });
    if (!read.success) throw new Error(read.errors.join('\n'));
    const metrics = createMetrics({ service: 'test' });
    const service = createProcessor({
      config: read.config,
      logger,
      metrics,
      health: createHealth(),
      clock: systemClock,
    });
    running.push(service);
    await service.start();
  };
});

afterAll(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await database.close();
  await db.drop();
});

async function committed(): Promise<bigint | null | undefined> {
  const connection = { brokers, clientId: 'test' };
  const bounds = await readLogBounds(connection, logger, { topic, groupId: kafkaGroupId(group, topic) });
  return bounds.get(0)?.committed;
}

/** As an owner leaves it that dies, or loses its partition, between its COMMIT and its next copy. */
async function commitToGroup(offset: string): Promise<void> {
  const admin = createKafka({ brokers, clientId: 'test' }, logger).admin();
  await admin.connect();
  await admin.setOffsets({ groupId: kafkaGroupId(group, topic), topic, partitions: [{ partition: 0, offset }] });
  await admin.disconnect();
}

// The copy is the witness by which a database that was restored to an earlier state is recognised.
describe('what a former owner had processed and not copied to the group', () => {
  it('is copied by the next one, though nothing new arrives', async () => {
    await startProcessor();
    // Before that the group has no member yet, and a fresh broker is still loading what it knows of groups.
    await until(
      'both are processed',
      async () => (await database.query('select from hookline.audit_log')).rowCount === 2,
    );
    await running.pop()?.stop();
    expect(await committed()).toBe(2n);
    await commitToGroup('1');
    expect(await committed()).toBe(1n);

    await startProcessor();
    await until('the group knows of both', async () => (await committed()) === 2n);
  });
});
