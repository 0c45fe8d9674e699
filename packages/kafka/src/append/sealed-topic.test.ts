import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SEALED_MESSAGE_BYTES } from '@hookline/contracts';
import { testStack, testTopic } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { openLog, silent, type OpenLog } from '../testing/open-log.ts';
import { readLog } from '../testing/read-log.ts';
import { endPartitions } from '../topics/end-partitions.ts';
import { sealTopic } from '../topics/seal-topic.ts';
import { judge, judgeTooLarge } from './judge-too-large.ts';

let connection: KafkaConnection;
let log: OpenLog | undefined;

beforeAll(async () => {
  connection = { brokers: (await testStack()).brokers, clientId: 'sealed-topic-test' };
});
afterEach(async () => {
  await log?.stop();
  log = undefined;
});

describe('the log writer, when its topic is sealed', () => {
  // What is acknowledged lies before the end, and what is not is told for good. A request that has records of several
  // partitions is refused as a whole where one of them is sealed already: what the others took of it goes again, and may
  // find them sealed, too. It is appended to the next topic then, and its identity is known there.
  it('answers SEALED for all that was not acknowledged, in order, and for all that comes later', async () => {
    const topic = await testTopic({ partitions: 3 });
    log = await openLog({ connection, topic, partitions: 3, maxPartitionRecords: 5 });
    const answered: { partition: number; index: number; reason: string }[] = [];
    let index = 0;
    const put = async (partition: number): Promise<void> => {
      const mine = index++;
      const result = await log!.put(partition, `record ${mine}`);
      answered.push({ partition, index: mine, reason: result.success ? 'written' : result.reason });
    };
    const load = [0, 1, 2].map(async (partition) => {
      const isRefused = () => answered.some((answer) => answer.partition === partition && answer.reason !== 'written');
      while (!isRefused()) await Promise.all(Array.from({ length: 20 }, () => put(partition)));
    });
    await until('it is written to', () => answered.length > 200);
    await sealTopic(connection, silent, topic);
    const ends = await until('it has ended', async () => {
      const ended = await endPartitions(connection, silent, topic);
      return ended.success && ended.ends;
    });
    await Promise.all(load);

    expect(new Set(answered.map(({ reason }) => reason))).toEqual(new Set(['written', 'SEALED']));
    const found = await readLog(connection, topic);
    for (const partition of [0, 1, 2]) {
      const answers = answered.filter((answer) => answer.partition === partition);
      const written = answers.filter(({ reason }) => reason === 'written');
      const inLog = found.get(partition)!.map(({ value }) => value);
      const records = inLog.filter((value) => value.startsWith('record'));
      const refused = answers.filter(({ reason }) => reason === 'SEALED').map((answer) => answer.index);
      const taken = [...new Set(records)];
      const inOrder = [...written.map((answer) => answer.index), ...refused].map((one) => `record ${one}`);
      expect(taken).toEqual(inOrder.slice(0, taken.length));
      expect(taken.length).toBeGreaterThanOrEqual(written.length);
      expect(inLog.slice(records.length).every((value) => value.startsWith('hook-end'))).toBe(true);
      expect(ends[partition]).toBeGreaterThan(BigInt(records.length));
      expect(refused).toEqual(refused.toSorted((a, b) => a - b));
    }
    expect(await log.put(1, 'later')).toMatchObject({ success: false, reason: 'SEALED' });
  }, 60_000);
});

describe('a refusal as too large', () => {
  // A broker that does not know the seal yet, and one that cannot be asked, must not turn a delivery into one that GitHub
  // is told will never pass.
  it('is one of the record only where the limit of the topic agrees', async () => {
    const small = [{ bytes: 500 }, { bytes: 500 }];
    expect(judge(SEALED_MESSAGE_BYTES, small)).toBe('SEALED');
    expect(judge(20_000, small)).toBe('TRANSIENT');
    expect(judge(20_000, [...small, { bytes: 40_000 }])).toBe('TOO_LARGE');
    expect(judge(Number.NaN, small)).toBe('TRANSIENT');
    const nowhere = { connection: { brokers: ['127.0.0.1:1'], clientId: 'x' }, topic: 'x', openSocket: undefined };
    expect(await judgeTooLarge(small, { ...nowhere, sendTimeoutMs: 100 }, silent)).toBe('TRANSIENT');
  });
});
