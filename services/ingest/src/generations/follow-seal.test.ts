import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_RETENTION_MS, partitionOf, topicName, type KeyRule } from '@hookline/contracts';
import { createDeliveriesTopic, createSchemaRegistry, sealTopic } from '@hookline/kafka';
import { testStack, testTopic, type StackAddresses } from '@hookline/local-stack';
import { createLogger } from '@hookline/runtime';
import { readDeliveries, until } from '@hookline/test-support';
import { send, signed } from '../testing/http.ts';
import { startIngest, type RunningIngest } from '../testing/start-ingest.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const NEXT = 7;
const REPOSITORIES = [1, 2, 3, 4, 5, 6, 7, 8];

let stack: StackAddresses;
let topic: string;
const ingests: RunningIngest[] = [];

beforeAll(async () => {
  stack = await testStack();
  topic = await testTopic({ partitions: 4 });
});
afterAll(() => Promise.all(ingests.map((ingest) => ingest.stop())));

async function start(settings: Record<string, string> = {}): Promise<RunningIngest> {
  const ingest = await startIngest({ stack, topic, settings });
  ingests.push(ingest);
  await until('ingest is ready', () => ingest.ready().ok);
  return ingest;
}

async function deliver(ingest: RunningIngest, repository: number, nth: number) {
  const delivery = signed(JSON.stringify({ repository: { id: repository }, nth }));
  const { status, json } = await send({ port: ingest.port, ...delivery });
  return { status, code: json?.['code'] };
}

const connection = () => ({ brokers: stack.brokers, clientId: 'follow-seal-test' });

async function makeNextTopic(rule?: KeyRule): Promise<void> {
  const settings = { partitions: NEXT, replicationFactor: 1, minInSyncReplicas: 1, retentionMs: DEFAULT_RETENTION_MS };
  const next = topicName(topic, 2);
  await createDeliveriesTopic(connection(), logger, { topic: next, ...settings });
  await createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger).registerDeliverySchema(next, rule);
}

describe('ingest, when the topic of its generation is sealed', () => {
  // A 202 without a record that somebody will read is a delivery that is lost, and 413 one that GitHub never sends again.
  it('goes on with the next one that it knows, in order, and answers 503 where it knows none', async () => {
    const knowing = await start({ HOOKLINE_TOPIC_NEXT_PARTITIONS: String(NEXT) });
    const unaware = await start();
    await makeNextTopic();
    const accepted = new Map<number, number>();
    let sealed = false;
    const load = REPOSITORIES.map(async (repository) => {
      let after = 0;
      for (let nth = 0; after < 20; nth++) {
        expect(await deliver(knowing, repository, nth)).toEqual({ status: 202, code: undefined });
        accepted.set(repository, nth + 1);
        if (sealed) after += 1;
      }
    });
    await until('it takes deliveries', () => REPOSITORIES.every((repository) => (accepted.get(repository) ?? 0) > 5));
    await sealTopic(connection(), logger, topic);
    const refused = await until('the other one is refused', async () => {
      const answer = await deliver(unaware, 1, -1);
      return answer.status !== 202 && answer;
    });
    expect(refused).toEqual({ status: 503, code: 'LOG_UNAVAILABLE' });
    sealed = true;
    await Promise.all(load);

    const logs = [await readDeliveries(stack, topic), await readDeliveries(stack, topicName(topic, 2))];
    expect(logs.every(({ length }) => length > 0)).toBe(true);
    const found = Map.groupBy(logs.flat(), ({ delivery }) => Number(delivery.repositoryId));
    for (const repository of REPOSITORIES) {
      const order = found
        .get(repository)
        ?.map(({ delivery }) => (JSON.parse(delivery.body.toString()) as { nth: number }).nth)
        .filter((nth) => nth >= 0)
        // A send over several partitions that the seal meets half-way goes again, and what was taken of it is there
        // twice: a duplicate by its identity. Its repository's next one is sent only after its 202.
        .filter((nth, i, all) => nth !== all[i - 1]);
      expect(order).toEqual(Array.from({ length: accepted.get(repository) ?? 0 }, (_, nth) => nth));
    }
    expect(knowing.ready().ok).toBe(true);
    expect(knowing.log.filter(({ msg }) => String(msg).startsWith('the topic is sealed'))).toHaveLength(1);
  }, 60_000);

  // The command prepares the next topic first; but whoever seals by hand must not make ingest say what is not so.
  it('answers 503 while the next topic is not there', async () => {
    topic = await testTopic({ partitions: 4 });
    const ingest = await start({ HOOKLINE_TOPIC_NEXT_PARTITIONS: '7', HOOKLINE_INGEST_APPEND_DEADLINE_MS: '500' });
    await sealTopic(connection(), logger, topic);
    await until('it is refused', async () => (await deliver(ingest, 1, 0)).status === 503);
    expect(ingest.ready().probes.filter(({ ok }) => !ok)).toEqual([
      { name: 'log', ok: false, reason: expect.stringContaining('next topic generation') },
    ]);
    await makeNextTopic();
    await until('it is taken', async () => (await deliver(ingest, 1, 1)).status === 202);
  }, 60_000);

  // Under its old key it would be in no order with what the next topic has of its owner.
  it('gives a delivery the key, and the place, that it has by the key rule of the next topic', async () => {
    topic = await testTopic({ partitions: 4 });
    const ingest = await start({ HOOKLINE_TOPIC_NEXT_PARTITIONS: '7', HOOKLINE_NEXT_KEY_RULE: 'owner' });
    await makeNextTopic('owner');
    const post = async (repository: object) => {
      const { status, json } = await send({ port: ingest.port, ...signed(JSON.stringify({ repository })) });
      return `${status} ${String(json?.['key'])}`;
    };
    expect(await post({ id: 1, owner: { id: 9 } })).toBe('202 github.com/repository/1');
    await sealTopic(connection(), logger, topic);
    await until(
      'it is sealed',
      async () => (await post({ id: 5 })) && (await readDeliveries(stack, topicName(topic, 2))).length > 0,
    );
    for (const id of [1, 2]) expect(await post({ id, owner: { id: 9 } })).toBe('202 github.com/owner/9');
    const placed = (await readDeliveries(stack, topicName(topic, 2)))
      .filter(({ delivery }) => delivery.repositoryId !== '5')
      .map(({ key, partition, delivery }) => `${delivery.repositoryId} ${key} ${partition}`);
    const partition = partitionOf('github.com/owner/9', NEXT);
    expect(placed).toEqual([1, 2].map((id) => `${id} github.com/owner/9 ${partition}`));
  }, 60_000);

  it('takes nothing for a topic of another key rule than its own', async () => {
    topic = await testTopic({ partitions: 4 });
    const ingest = await startIngest({ stack, topic, settings: { HOOKLINE_KEY_RULE: 'owner' } });
    ingests.push(ingest);
    await until('it says why', () =>
      ingest.ready().probes.some(({ reason }) => reason?.includes('Set HOOKLINE_KEY_RULE=repository')),
    );
    expect(await deliver(ingest, 1, 0)).toEqual({ status: 503, code: 'LOG_UNAVAILABLE' });
  });
});
