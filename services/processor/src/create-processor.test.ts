import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { migrateUp, recordTopicGeneration, createDatabaseAt, dropDatabaseAt, type Database } from '@hookline/database';
import type { StackAddresses } from '@hookline/local-stack';
import { testDatabase, testStack, testTopic, type TestDatabase } from '@hookline/local-stack';
import { createHealth, createLogger, createMetrics, readConfig, systemClock, type Service } from '@hookline/runtime';
import { aDelivery, appendDeliveries, connectTo, recreateTopic, until } from '@hookline/test-support';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { processorOptions } from './config.ts';
import { createProcessor, type ProcessorOverrides } from './create-processor.ts';

let stack: StackAddresses;
let db: TestDatabase;
let database: Database;
const running: Service[] = [];

beforeAll(async () => {
  stack = await testStack();
  db = await testDatabase();
  database = connectTo(db.url);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

afterAll(async () => {
  await database.close();
  await db.drop();
});

function processor(topic: string, env: Record<string, string> = {}, overrides: ProcessorOverrides = {}) {
  const result = readConfig(processorOptions, {
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: stack.registryUrl,
    HOOKLINE_DATABASE_URL: db.url,
    HOOKLINE_TOPIC: topic,
    HOOKLINE_TOPIC_PARTITIONS: '4',
    HOOKLINE_CONSUMER_GROUP: `test-${randomUUID()}`,
    HOOKLINE_SESSION_TIMEOUT_MS: '3000',
    ...env,
  });
  if (!result.success) throw new Error(result.errors.join('\n'));
  const health = createHealth();
  const metrics = createMetrics({ service: 'test' });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const service = createProcessor({ config: result.config, logger, metrics, health, clock: systemClock }, overrides);
  running.push(service);
  const unready = () =>
    health
      .report()
      .ready.probes.filter(({ ok }) => !ok)
      .map(({ reason }) => reason)
      .join();
  return { service, health, unready, metric: async (name: string) => metrics.registry.getSingleMetricAsString(name) };
}

describe('createProcessor', () => {
  it('reads nothing before the topic is recorded, says so, and begins by itself when it is', async () => {
    const topic = await testTopic({ partitions: 4 });
    await appendDeliveries(stack, { topic, partitions: 4 }, [aDelivery()]);
    const { service, unready, health, metric } = processor(topic);
    await service.start();
    await until('the reason', () => unready().includes('No partition count is recorded'));
    expect(unready()).toContain('hookline topics create');
    await recordTopicGeneration(database, { topic, generation: 1, partitions: 4 });
    await until('readiness', () => health.report().ready.ok);
    await until('the delivery', async () =>
      (await metric('hookline_records_total')).includes('hookline_records_total{decision="processed"} 1'),
    );
  });

  it.each([
    ['another partition count than recorded', 5, 4, 'is recorded as generation 1 with 5 partitions'],
    ['another partition count than Kafka has', 5, 5, 'has 4 partitions where 5 are configured'],
  ])('refuses to work with %s', async (_, recorded, configured, reason) => {
    const topic = await testTopic({ partitions: 4 });
    await recordTopicGeneration(database, { topic, generation: 1, partitions: recorded });
    const { service, unready } = processor(topic, { HOOKLINE_TOPIC_PARTITIONS: String(configured) });
    await service.start();
    await until('the reason', () => unready().includes(reason));
    expect(unready()).toContain('never grown in place');
  });

  // What it parks and looks up is by the keys that the topic's ingest gives.
  it('refuses to work by another key rule than the recorded one', async () => {
    const topic = await testTopic({ partitions: 4 });
    await recordTopicGeneration(database, { topic, generation: 1, partitions: 4, keyRule: 'owner' });
    const { service, unready } = processor(topic);
    await service.start();
    await until('the reason', () => unready().includes('recorded as ordered by owner'));
    expect(unready()).toContain('set HOOKLINE_KEY_RULE');
  });

  // Its fences are its own: only the unique index of one week's range would keep it from running everything again.
  it('refuses a second consumer group on the same database', async () => {
    const topic = await testTopic({ partitions: 4 });
    await recordTopicGeneration(database, { topic, generation: 1, partitions: 4 });
    const first = processor(topic, { HOOKLINE_CONSUMER_GROUP: 'first' });
    await first.service.start();
    await until('readiness', () => first.health.report().ready.ok);
    const second = processor(topic, { HOOKLINE_CONSUMER_GROUP: 'second' });
    await second.service.start();
    await until('the reason', () => second.unready().includes('is processed by the consumer group first'));
  });

  it('waits for a topic that does not exist yet', async () => {
    const topic = `missing.${randomUUID()}`;
    await recordTopicGeneration(database, { topic, generation: 1, partitions: 4 });
    const { service, unready } = processor(topic);
    await service.start();
    await until('the reason', () => unready().includes(`Topic ${topic} does not exist in Kafka`));
  });

  it('waits for a database that is not migrated, and goes on when it is', async () => {
    const topic = await testTopic({ partitions: 4 });
    const url = await createDatabaseAt(stack.databaseUrl, `bare_${randomUUID().slice(0, 8)}`);
    const { service, unready } = processor(topic, { HOOKLINE_DATABASE_URL: url });
    await service.start();
    await until('the reason', () => unready().includes('hookline migrate up'));
    await migrateUp(url);
    await until('the next reason', () => unready().includes('hookline topics create'));
    await running.splice(0)[0]?.stop();
    await dropDatabaseAt(stack.databaseUrl, new URL(url).pathname.slice(1));
  });

  it('stops at once while it still waits for a database that is away', async () => {
    const { service, unready } = processor('any', { HOOKLINE_DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x' });
    await service.start();
    await until('the reason', () => unready().includes('ECONNREFUSED'));
    const stoppedAt = performance.now();
    await running.splice(0)[0]?.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(2000);
  });

  it('stops at once while it waits for a database that accepts and says nothing', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const accepted = once(silent, 'connection');
    const { port } = silent.address() as AddressInfo;
    const { service } = processor('any', { HOOKLINE_DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/x` });
    await service.start();
    const [socket] = (await accepted) as [Socket];
    const stoppedAt = performance.now();
    await running.splice(0)[0]?.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(3000);
    socket.destroy();
    silent.close();
  });

  // Lost data is never guessed about: the partitions concerned halt and say so, others go on.
  it('halts the partitions whose stored offset is gone while the group remembers one, and no other', async () => {
    const topic = await testTopic({ partitions: 4 });
    await recordTopicGeneration(database, { topic, generation: 1, partitions: 4 });
    const env = { HOOKLINE_CONSUMER_GROUP: `test-${randomUUID()}` };
    const deliveries = Array.from({ length: 40 }, (_, i) => aDelivery({ repository: i }));
    const appended = await appendDeliveries(stack, { topic, partitions: 4 }, deliveries);
    const first = processor(topic, env);
    await first.service.start();
    const processed = async ({ metric }: typeof first) =>
      Number(/decision="processed"} (\d+)/.exec(await metric('hookline_records_total'))?.[1] ?? 0);
    await until('all', async () => (await processed(first)) === 40);
    await running.splice(0)[0]?.stop();

    await database.query('delete from hookline.partition_offsets where topic = $1 and kafka_partition = 1', [topic]);
    const more = await appendDeliveries(
      stack,
      { topic, partitions: 4 },
      deliveries.map((_, i) => aDelivery({ repository: i })),
    );
    const second = processor(topic, env);
    await second.service.start();
    const due = more.filter(({ partition }) => partition !== 1).length;
    expect(appended.length - due).toBeGreaterThan(0);
    await until('the others', async () => (await processed(second)) === due);
    await until('the halt', async () =>
      (await second.metric('hookline_partition_halted')).includes('hookline_partition_halted{partition="1"} 1'),
    );
    const { rows } = await database.query(
      'select from hookline.partition_offsets where topic = $1 and kafka_partition = 1',
      [topic],
    );
    expect(rows).toEqual([]);
  });

  // Its offsets look like old records: without the witness the first ones would be skipped without a word.
  it('halts a topic that was recreated and filled past the stored offsets, and skips nothing of it', async () => {
    const where = { topic: await testTopic({ partitions: 4 }), partitions: 4 };
    await recordTopicGeneration(database, { ...where, generation: 1 });
    const env = { HOOKLINE_CONSUMER_GROUP: `test-${randomUUID()}` };
    const many = (count: number) => Array.from({ length: count }, (_, i) => aDelivery({ repository: i % 40 }));
    await appendDeliveries(stack, where, many(40));
    const audited = async () => {
      const { rows } = await database.query<{ n: number }>(
        'select count(*)::int as n from hookline.audit_log where topic = $1',
        [where.topic],
      );
      return rows[0]?.n;
    };
    const first = processor(where.topic, env);
    await first.service.start();
    await until('all', async () => (await audited()) === 40);
    await running.splice(0)[0]?.stop();

    await recreateTopic(stack.brokers, where);
    await appendDeliveries(stack, where, many(200));
    const second = processor(where.topic, env);
    await second.service.start();
    await until('four halts', async () => {
      const halted = await second.metric('hookline_partition_halted');
      return [0, 1, 2, 3].every((partition) =>
        halted.includes(`hookline_partition_halted{partition="${partition}"} 1`),
      );
    });
    expect(await audited()).toBe(40);
  });

  // The one hanging handler must hold up its own partition only.
  it('commits the deliveries of all other partitions while a handler hangs', async () => {
    const topic = await testTopic({ partitions: 4 });
    await recordTopicGeneration(database, { topic, generation: 1, partitions: 4 });
    const hanging = Promise.withResolvers<void>();
    const { service } = processor(
      topic,
      {},
      {
        handlers: [
          { kind: 'delivery', name: 'hangs', on: ['push'], run: () => hanging.promise },
          { kind: 'delivery', name: 'works', on: ['issues'], run: () => Promise.resolve() },
        ],
      },
    );
    await service.start();
    const [stuck] = await appendDeliveries(stack, { topic, partitions: 4 }, [aDelivery({ event: 'push' })]);
    const others = await appendDeliveries(
      stack,
      { topic, partitions: 4 },
      Array.from({ length: 200 }, (_, i) => aDelivery({ repository: i })),
    );
    const free = others.filter(({ partition }) => partition !== stuck?.partition).length;
    const processed = async () => {
      const { rows } = await database.query<{ n: string }>(
        `select count(*) as n from hookline.audit_log where topic = $1`,
        [topic],
      );
      return Number(rows[0]?.n);
    };
    await until('all others', async () => (await processed()) === free);
    hanging.resolve();
    await until('the rest', async () => (await processed()) === 201);
  });
});
