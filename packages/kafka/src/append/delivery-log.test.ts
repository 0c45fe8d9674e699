import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testStack, testTopic } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import { createKafka, type KafkaConnection } from '../client/create-kafka.ts';
import { startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts';
import { logRecord, openLog, silent, type OpenLog } from '../testing/open-log.ts';
import { readLog } from '../testing/read-log.ts';
import type { AppendResult } from './delivery-log.ts';

let connection: KafkaConnection;
let proxy: FaultProxy | undefined;
let log: OpenLog | undefined;

beforeAll(async () => {
  connection = { brokers: (await testStack()).brokers, clientId: 'delivery-log-test' };
});

afterEach(async () => {
  await log?.stop();
  await proxy?.stop();
  log = proxy = undefined;
});

const offsetOf = (result: AppendResult): number => (result.success ? Number(result.offset) : Number.NaN);
const inLog = (topic: string) => readLog(connection, topic);

describe('the log writer, undisturbed', () => {
  it('answers each record with the place where it is', async () => {
    const topic = await testTopic({ partitions: 3 });
    log = await openLog({ connection, topic, partitions: 3 });
    const texts = Array.from({ length: 300 }, (_, index) => `record ${index}`);
    const results = await Promise.all(texts.map((text, index) => log!.put(index % 3, text)));
    const found = await inLog(topic);
    results.forEach((result, index) => {
      expect(found.get(index % 3)?.[offsetOf(result)]).toEqual({
        offset: String(offsetOf(result)),
        value: texts[index],
      });
    });
    expect([...found.values()].flat()).toHaveLength(300);
    expect(log.readiness()).toBe(true);
    expect(await log.metric('hookline_log_appended_total', { result: 'success' })).toBe(300);
    expect(await log.metric('hookline_log_queued_bytes')).toBe(0);
  });

  it('keeps the order of calls within a partition, small and large mixed, however many at once', async () => {
    const topic = await testTopic({ partitions: 2 });
    log = await openLog({ connection, topic, partitions: 2, largeRecordBytes: 2_000, maxPartitionRecords: 7 });
    const texts = Array.from({ length: 400 }, (_, index) =>
      index % 50 === 25 ? `${index} `.repeat(2_000) : `${index} `,
    );
    await Promise.all(texts.map((text, index) => log!.put(index % 2, text)));
    const found = await inLog(topic);
    for (const partition of [0, 1]) {
      const order = found.get(partition)!.map(({ value }) => Number(value.split(' ')[0]));
      expect(order).toEqual(Array.from({ length: 200 }, (_, index) => index * 2 + partition));
    }
  });

  it('appends a body of 25 MiB', async () => {
    const topic = await testTopic({ partitions: 1 });
    log = await openLog({ connection, topic, partitions: 1, sendTimeoutMs: 25_000 });
    expect(await log.append(logRecord(0, randomBytes(25 * 1024 * 1024)))).toMatchObject({ success: true, offset: '0' });
  });

  it('refuses a partition that the topic does not have', async () => {
    log = await openLog({ connection, topic: 'never', partitions: 2 });
    await expect(log.put(2, 'x')).rejects.toThrow('There is no partition 2');
  });
});

describe('the log writer, when the connection breaks', () => {
  /** The race that KafkaJS's idempotent producer loses: see `naive-producer.test.ts`. */
  it('has every acknowledged record in the log after answers were cut off', async () => {
    const topic = await testTopic({ partitions: 1 });
    proxy = await startFaultProxy();
    proxy.onProduce = ({ count }) => (count <= 2 ? 'cutAfter' : 'pass');
    log = await openLog({ connection, topic, partitions: 1 }, proxy);
    const a = await log.put(0, 'A');
    const b = await log.put(0, 'B');
    const found = (await inLog(topic)).get(0)!.map(({ value }) => value);
    expect(found).toEqual(['A', 'A', 'A', 'B']);
    expect([offsetOf(a), offsetOf(b)]).toEqual([2, 3]);
    expect(await log.metric('hookline_log_producers_replaced_total')).toBe(2);
  });

  it('keeps the order when connections break at random', async () => {
    const topic = await testTopic({ partitions: 4 });
    proxy = await startFaultProxy();
    const fates = ['pass', 'cutAfter', 'pass', 'cutBefore', 'pass'] as const;
    proxy.onProduce = ({ count }) => fates[(count * 7 + (count >> 2)) % fates.length]!;
    log = await openLog({ connection, topic, partitions: 4, maxPartitionRecords: 5 }, proxy);
    const results = await Promise.all(Array.from({ length: 200 }, (_, index) => log!.put(index % 4, String(index))));
    const found = await inLog(topic);
    results.forEach((result, index) => {
      expect(result.success).toBe(true);
      expect(found.get(index % 4)?.[offsetOf(result)]?.value).toBe(String(index));
    });
    for (const records of found.values()) {
      // Sends that were repeated aside, each record stands where its call put it.
      const firsts = [...new Set(records.map(({ value }) => Number(value)))];
      expect(firsts).toEqual([...firsts].sort((one, other) => one - other));
    }
    expect(await log.metric('hookline_log_producers_replaced_total')).toBeGreaterThan(0);
  });

  it('gives up a send that hangs, and tries again within the deadline', async () => {
    const topic = await testTopic({ partitions: 1 });
    proxy = await startFaultProxy();
    proxy.onProduce = ({ count }) => (count === 1 ? 'hold' : 'pass');
    log = await openLog({ connection, topic, partitions: 1, sendTimeoutMs: 500 }, proxy);
    expect(await log.put(0, 'A')).toMatchObject({ success: true });
    expect((await inLog(topic)).get(0)!.map(({ value }) => value)).toEqual(['A', 'A']);
  });

  it('answers at the deadline, frees the bytes at once, and lets the partition go on', async () => {
    const topic = await testTopic({ partitions: 1 });
    proxy = await startFaultProxy();
    let fate: 'hold' | 'pass' = 'hold';
    proxy.onProduce = () => fate;
    log = await openLog({ connection, topic, partitions: 1, deadlineMs: 700, sendTimeoutMs: 1_000 }, proxy);
    const startedAt = performance.now();
    const result = await log.put(0, 'A');
    const took = performance.now() - startedAt;
    expect(result).toEqual({
      success: false,
      reason: 'UNAVAILABLE',
      detail: 'Not acknowledged within 700 ms: the broker that leads the partition does not answer',
    });
    expect(took).toBeGreaterThanOrEqual(699);
    expect(took).toBeLessThan(1_500);
    expect(await log.metric('hookline_log_queued_bytes')).toBe(0);
    fate = 'pass';
    expect(await log.put(0, 'B')).toMatchObject({ success: true });
    const found = (await inLog(topic)).get(0)!.map(({ value }) => value);
    expect(found.at(-1)).toBe('B');
  });

  it('does not let a large record that hangs delay the other partitions of its broker', async () => {
    const topic = await testTopic({ partitions: 2 });
    proxy = await startFaultProxy();
    const held = Promise.withResolvers<'pass'>();
    const arrived = Promise.withResolvers<void>();
    proxy.onProduce = ({ count }) => {
      if (count > 1) return 'pass';
      arrived.resolve();
      return held.promise;
    };
    log = await openLog({ connection, topic, partitions: 2, largeRecordBytes: 1_000 }, proxy);
    const large = log.append(logRecord(0, 'x'.repeat(5_000)));
    await arrived.promise;
    const behind = log.put(0, 'behind');
    expect(await log.put(1, 'other partition')).toMatchObject({ success: true });
    expect(await log.metric('hookline_log_queued_records')).toBe(2);
    held.resolve('pass');
    expect([offsetOf(await large), offsetOf(await behind)]).toEqual([0, 1]);
  });
});

describe('the log writer, when Kafka refuses', () => {
  it('answers TOO_LARGE for that record only', async () => {
    const topic = await testTopic({ partitions: 2 });
    await setTopicConfig(topic, 'max.message.bytes', '20000');
    log = await openLog({ connection, topic, partitions: 2 });
    const sizes = [100, 100, 40_000, 100, 100];
    const results = await Promise.all(sizes.map((size, index) => log!.append(logRecord(index % 2, randomBytes(size)))));
    expect(results.map((result) => (result.success ? 'written' : result.reason))).toEqual([
      'written',
      'written',
      'TOO_LARGE',
      'written',
      'written',
    ]);
    expect(await log.metric('hookline_log_producers_replaced_total')).toBe(0);
  });

  it('answers at once where no try will ever pass', async () => {
    // Kafka lets nobody write to its own topics.
    await readLog(connection, await writtenTopic());
    log = await openLog({ connection, topic: '__consumer_offsets', partitions: await partitionsOfOffsets() });
    const startedAt = performance.now();
    for (const result of await Promise.all([log.put(0, 'A'), log.put(0, 'B')])) {
      const detail = expect.stringContaining('Kafka refuses');
      expect(result).toEqual({ success: false, reason: 'UNAVAILABLE', detail });
    }
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it('refuses everything while the topic has another number of partitions', async () => {
    const topic = await testTopic({ partitions: 2 });
    log = await openLog({ connection, topic, partitions: 2, metadataRefreshMs: 50 });
    expect(await log.put(0, 'A')).toMatchObject({ success: true });
    const admin = createKafka(connection, silent).admin();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await admin.disconnect();
    await until('the writer notices', () => log!.readiness() !== true);
    const reason = expect.stringContaining(`Topic ${topic} has 3 partitions where 2 are configured`);
    expect(log.readiness()).toEqual(reason);
    expect(await log.put(0, 'B')).toEqual({ success: false, reason: 'UNAVAILABLE', detail: reason });
  });

  it('answers what it had taken in when the count turns out to be wrong', async () => {
    const topic = await testTopic({ partitions: 2 });
    log = await openLog({ connection, topic, partitions: 5 });
    expect(await log.put(4, 'A')).toMatchObject({ success: false, detail: expect.stringContaining('where 5 are') });
  });

  it('waits for a topic that is not there yet', async () => {
    const topic = `test.late.${randomBytes(6).toString('hex')}`;
    log = await openLog({ connection, topic, partitions: 1 });
    const result = log.put(0, 'A');
    await until('the writer notices', () => String(log!.readiness()).includes('does not exist'));
    const admin = createKafka(connection, silent).admin();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await admin.disconnect();
    expect(await result).toMatchObject({ success: true });
    expect(log.readiness()).toBe(true);
  });
});

describe('the log writer, full or stopping', () => {
  it('refuses at once what does not fit', async () => {
    const topic = await testTopic({ partitions: 1 });
    log = await openLog({ connection, topic, partitions: 1, maxQueuedBytes: 2_000 });
    const first = log.append(logRecord(0, 'x'.repeat(1_500)));
    expect(await log.append(logRecord(0, 'x'.repeat(500)))).toMatchObject({ success: false, reason: 'OVERLOADED' });
    expect(await first).toMatchObject({ success: true });
    expect(await log.append(logRecord(0, 'x'.repeat(500)))).toMatchObject({ success: true });
  });

  it('writes what it has taken in before it stops, and takes no more', async () => {
    const topic = await testTopic({ partitions: 1 });
    log = await openLog({ connection, topic, partitions: 1 });
    const taken = [log.put(0, 'A'), log.put(0, 'B')];
    const stopped = log.stop();
    expect(await log.put(0, 'C')).toMatchObject({ success: false, reason: 'STOPPING' });
    expect(log.readiness()).toBe('The log is being closed.');
    await stopped;
    expect(await Promise.all(taken)).toMatchObject([{ success: true }, { success: true }]);
    expect((await inLog(topic)).get(0)).toHaveLength(2);
  });

  it('does not wait longer than it may for a send that hangs', async () => {
    const topic = await testTopic({ partitions: 1 });
    proxy = await startFaultProxy();
    const arrived = Promise.withResolvers<void>();
    proxy.onProduce = () => {
      arrived.resolve();
      return 'hold';
    };
    log = await openLog({ connection, topic, partitions: 1, drainTimeoutMs: 300, sendTimeoutMs: 400 }, proxy);
    const result = log.append(logRecord(0, 'x'.repeat(5_000_000)));
    await arrived.promise;
    await log.stop();
    expect(await result).toMatchObject({ success: false, reason: 'STOPPING' });
  });
});

async function setTopicConfig(topic: string, name: string, value: string): Promise<void> {
  const admin = createKafka(connection, silent).admin();
  const resource = { type: 2, name: topic, configEntries: [{ name, value }] };
  await admin.alterConfigs({ validateOnly: false, resources: [resource] });
  await admin.disconnect();
}

async function writtenTopic(): Promise<string> {
  const topic = await testTopic({ partitions: 1 });
  const producer = createKafka(connection, silent).producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: 'A' }] });
  await producer.disconnect();
  return topic;
}

async function partitionsOfOffsets(): Promise<number> {
  const admin = createKafka(connection, silent).admin();
  const { topics } = await admin.fetchTopicMetadata({ topics: ['__consumer_offsets'] });
  await admin.disconnect();
  return topics[0]!.partitions.length;
}
