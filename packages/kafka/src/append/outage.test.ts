import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ownStack, testTopic, type Part, type Stack } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { untilFrozen } from '../testing/move-leader.ts';
import { openLog, type OpenLog } from '../testing/open-log.ts';
import { readLog } from '../testing/read-log.ts';

let stack: Stack;
let broker: Part;
let connection: KafkaConnection;

let log: OpenLog | undefined;

beforeAll(async () => {
  stack = await ownStack({ parts: ['kafka'] });
  broker = stack.kafka[0]!;
  connection = { brokers: stack.addresses.brokers, clientId: 'outage-test' };
}, 120_000);
afterAll(() => stack?.stop());

afterEach(async () => {
  await log?.stop();
  log = undefined;
});

describe('Kafka is away', () => {
  it('is restarted for some seconds: appends wait and succeed by themselves', async () => {
    const topic = await testTopic({ partitions: 3, stack: stack.addresses });
    log = await openLog({ connection, topic, partitions: 3, deadlineMs: 30_000 });
    expect(await log.put(0, 'before')).toMatchObject({ success: true });
    const stopped = broker.stop();
    const during = Array.from({ length: 30 }, (_, index) => log!.put(index % 3, `during ${index}`));
    await stopped;
    during.push(log.put(0, 'while it is away'));
    await until('the writer notices', () => log!.readiness() !== true);
    expect(log.readiness()).toContain('Kafka does not answer');
    await broker.start();
    for (const result of await Promise.all(during)) expect(result).toMatchObject({ success: true });
    const found = await readLog(connection, topic);
    const texts = [...found.values()].flat().map(({ value }) => value);
    for (let index = 0; index < 30; index++) expect(texts).toContain(`during ${index}`);
    expect(texts).toContain('while it is away');
    await until('the writer is ready again', () => log!.readiness() === true);
  }, 120_000);

  it('is frozen: every append is answered at its deadline, and all goes on afterwards', async () => {
    const topic = await testTopic({ partitions: 3, stack: stack.addresses });
    log = await openLog({ connection, topic, partitions: 3, deadlineMs: 2_000, sendTimeoutMs: 700 });
    expect(await log.put(0, 'before')).toMatchObject({ success: true });
    await broker.pause();
    try {
      await untilFrozen(connection);
      const startedAt = performance.now();
      const results = await Promise.all([0, 1, 2].map((partition) => log!.put(partition, 'frozen')));
      const took = performance.now() - startedAt;
      for (const result of results) expect(result).toMatchObject({ success: false, reason: 'UNAVAILABLE' });
      expect(took).toBeGreaterThan(1_990);
      expect(took).toBeLessThan(3_000);
      expect(await log.metric('hookline_log_queued_bytes')).toBe(0);
      await until('the writer notices', () => log!.readiness() !== true);
    } finally {
      await broker.resume();
    }
    await until('the writer is ready again', () => log!.readiness() === true);
    expect(await log.put(0, 'after')).toMatchObject({ success: true });
  }, 120_000);

  it('is not there at the start: start() resolves, and appends succeed once it is', async () => {
    const topic = await testTopic({ partitions: 1, stack: stack.addresses });
    await broker.stop();
    log = await openLog({ connection, topic, partitions: 1, deadlineMs: 30_000 });
    expect(log.readiness()).not.toBe(true);
    const waiting = log.put(0, 'early');
    await broker.start();
    expect(await waiting).toMatchObject({ success: true, offset: '0' });
  }, 120_000);
});
