import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownStack, type Stack, testTopic } from '@hookline/local-stack';
import { readDeliveries, until } from '@hookline/test-support';
import { send, signed } from './testing/http.ts';
import { type RunningIngest, startIngest } from './testing/start-ingest.ts';

const DEADLINE_MS = 1_500;

/** Without the log there is no 202: a quick 503, a readiness that says why, and recovery with no hand laid on. */
describe('ingest', () => {
  let stack: Stack;
  let topic: string;
  let ingest: RunningIngest;
  const accepted: string[] = [];

  beforeAll(async () => {
    stack = await ownStack({ parts: ['kafka', 'registry'] });
    topic = await testTopic({ stack: stack.addresses });
  }, 120_000);
  afterAll(async () => {
    await ingest.stop();
    await stack.stop();
  });

  const deliver = async () => {
    const delivery = signed('{"repository":{"id":1}}');
    const begun = performance.now();
    const reply = await send({ port: ingest.port, ...delivery });
    if (reply.status === 202) accepted.push(delivery.headers['x-github-delivery'] as string);
    return { ...reply, tookMs: performance.now() - begun };
  };
  const reasons = () => ingest.ready().probes.flatMap(({ name, ok }) => (ok ? [] : [name]));

  it('starts without the registry, says what it waits for, and goes on when it is there', async () => {
    await stack.registry.stop();
    ingest = await startIngest({
      stack: stack.addresses,
      topic,
      settings: { HOOKLINE_INGEST_APPEND_DEADLINE_MS: String(DEADLINE_MS) },
    });
    await until('the log is reached', () => reasons().join() === 'schema');
    const { status, json, headers } = await deliver();
    expect([status, json?.['code'], headers['retry-after']]).toEqual([503, 'LOG_UNAVAILABLE', '10']);
    expect(ingest.log.filter(({ msg }) => String(msg).startsWith('schema of deliveries not found'))).toHaveLength(1);
    await stack.registry.start();
    await until('ingest is ready', () => ingest.ready().ok);
    expect((await deliver()).status).toBe(202);
  }, 60_000);

  it('needs the registry no more once it has started', async () => {
    await stack.registry.kill();
    expect((await deliver()).status).toBe(202);
    await stack.registry.start();
  }, 60_000);

  it.each(['kill', 'pause'] as const)(
    'answers 503 within its deadline while Kafka is away (%s), and recovers by itself',
    async (how) => {
      const [broker] = stack.kafka;
      if (broker === undefined) throw new Error('The stack has no broker.');
      await broker[how]();
      // A process that is being frozen may still answer what is under way: that is a 202 like any other.
      await until('Kafka is away', async () => (await deliver()).status === 503);
      const replies = await Promise.all(Array.from({ length: 20 }, deliver));
      for (const { status, headers, tookMs } of replies) {
        expect([status, headers['retry-after']]).toEqual([503, '10']);
        expect(tookMs).toBeLessThan(DEADLINE_MS + 1_000);
      }
      await until('readiness says so', () => reasons().includes('log'));
      await (how === 'kill' ? broker.start() : broker.resume());
      await until('ingest is ready again', () => ingest.ready().ok);
      await until('a delivery is accepted', async () => (await deliver()).status === 202);
    },
    90_000,
  );

  it('has every delivery in the log that it has answered 202', async () => {
    const present = new Set((await readDeliveries(stack.addresses, topic)).map(({ delivery }) => delivery.guid));
    expect(accepted.filter((guid) => !present.has(guid))).toEqual([]);
  });
});
