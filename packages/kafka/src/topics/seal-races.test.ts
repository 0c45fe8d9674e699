import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isEndMark } from '@hookline/contracts';
import { ownStack, type Stack } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import { createKafka, type KafkaConnection } from '../client/create-kafka.ts';
import { createTopicOn, moveLeader } from '../testing/move-leader.ts';
import { silent } from '../testing/open-log.ts';
import { readLog } from '../testing/read-log.ts';
import { endPartitions } from './end-partitions.ts';
import { readUnsealedBrokers, sealTopic } from './seal-topic.ts';

let stack: Stack;
let connection: KafkaConnection;

beforeAll(async () => {
  stack = await ownStack({ brokers: 2, parts: ['kafka'] });
  connection = { brokers: stack.addresses.brokers, clientId: 'seal-races-test' };
}, 120_000);
afterAll(() => stack?.stop());

const isKnown = async (topic: string) => (await readUnsealedBrokers(connection, silent, topic)).length === 0;

/** A client that knows nothing of generations, and appends for as long as it may. */
function startClient(topic: string, partition: number) {
  const acknowledged: bigint[] = [];
  let stopping = false;
  const run = async (): Promise<void> => {
    while (!stopping) {
      const producer = createKafka(connection, silent, { retry: { retries: 0 } }).producer();
      await producer.connect().catch(() => {});
      for (let failed = false; !failed && !stopping;) {
        const sending = producer.send({ topic, acks: -1, messages: [{ partition, value: 'a delivery, or so' }] });
        failed = await sending.then(
          ([answer]) => {
            acknowledged.push(BigInt(answer?.baseOffset ?? '-1'));
            return false;
          },
          () => true,
        );
      }
      await producer.disconnect();
    }
  };
  const running = run();
  return {
    acknowledged,
    async stop() {
      stopping = true;
      await running;
    },
  };
}

describe('a topic that is sealed while it is written to', () => {
  // A leader that comes to lead in the middle could take what the one before refuses. What is acknowledged behind an end
  // would never be processed.
  it('has nothing acknowledged behind its ends, whatever leaders do meanwhile and afterwards', async () => {
    const topic = 'sealed-under-moves';
    await createTopicOn(connection, topic, [[1], [2]]);
    const clients = [0, 1].map((partition) => startClient(topic, partition));
    await until('it is written to', () => clients.every(({ acknowledged }) => acknowledged.length > 20));
    let moves = 0;
    let stopping = false;
    const moving = (async () => {
      for (let to = 2; !stopping; to = 3 - to, moves++) await moveLeader(connection, topic, 0, [to]);
    })();
    await until('leaders move', () => moves > 1);
    await sealTopic(connection, silent, topic);
    await until('every broker knows', () => isKnown(topic));
    const ends = await until('it has ended', async () => {
      const ended = await endPartitions(connection, silent, topic).catch(() => ({ success: false as const }));
      return ended.success && ended.ends;
    });
    const then = moves;
    await until('leaders have moved since', () => moves > then + 2);
    stopping = true;
    await moving;
    await Promise.all(clients.map((client) => client.stop()));

    const log = await readLog(connection, topic);
    clients.forEach(({ acknowledged }, partition) => {
      const behind = (log.get(partition) ?? []).slice(Number(ends[partition]));
      expect(behind.filter(({ value }) => !isEndMark(Buffer.from(value)))).toEqual([]);
      expect(acknowledged.filter((offset) => offset >= (ends[partition] as bigint))).toEqual([]);
    });
  }, 120_000);
});
