import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testStack, testTopic } from '@hookline/local-stack';
import type { RecordMetadata } from 'kafkajs';
import { createKafka, type KafkaConnection } from '../client/create-kafka.ts';
import { startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts';
import { silent } from '../testing/open-log.ts';
import { readLog } from '../testing/read-log.ts';

/**
 * Why the log is not written as KafkaJS's documentation suggests for "exactly once": its idempotent producer takes
 * its sequence numbers back when a send fails, whether or not the broker had appended it. Should one of these tests
 * fail one day, the trap is gone, and with it a reason for `create-delivery-log.ts`.
 */
describe('KafkaJS, idempotent', () => {
  let connection: KafkaConnection;
  let proxy: FaultProxy;

  beforeAll(async () => {
    connection = { brokers: (await testStack()).brokers, clientId: 'naive' };
    proxy = await startFaultProxy();
  });
  afterAll(() => proxy.stop());

  it('acknowledges and loses the send after one whose answers were cut off', async () => {
    const topic = await testTopic({ partitions: 1 });
    // The first try of A and its one retry are appended (the retry as a duplicate); both answers are lost.
    proxy.onProduce = ({ count }) => (count <= 2 ? 'cutAfter' : 'pass');
    const producer = createKafka(connection, silent, { socketFactory: proxy.openSocket }).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { retries: 1, initialRetryTime: 20 },
    });
    await producer.connect();
    await expect(producer.send({ topic, messages: [{ value: 'A' }] })).rejects.toThrow();
    const [answer] = await producer.send({ topic, messages: [{ value: 'B' }] });
    await producer.disconnect();
    expect(answer).toMatchObject({ errorCode: 0, baseOffset: '0' } satisfies Partial<RecordMetadata>);
    const log = await readLog(connection, topic);
    expect(log.get(0)?.map(({ value }) => value)).toEqual(['A']);
  });

  it('acknowledges and loses a send to a partition after one that another partition refused', async () => {
    const topic = await testTopic({ partitions: 2 });
    const producer = createKafka(connection, silent).producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const tooLarge = Buffer.alloc(30 * 1024 * 1024, 'x');
    const refused = producer.send({
      topic,
      messages: [
        { partition: 0, value: 'A' },
        { partition: 1, value: tooLarge },
      ],
    });
    await expect(refused).rejects.toThrow();
    const [answer] = await producer.send({ topic, messages: [{ partition: 0, value: 'B' }] });
    await producer.disconnect();
    expect(answer).toMatchObject({ errorCode: 0, baseOffset: '0' });
    const log = await readLog(connection, topic);
    expect(log.get(0)?.map(({ value }) => value)).toEqual(['A']);
  });
});
