import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientRequest } from 'node:http';
import { testStack, testTopic } from '@hookline/local-stack';
import { readDeliveries, until } from '@hookline/test-support';
import { open, type Reply, send, signed } from './testing/http.ts';
import { type RunningIngest, startIngest } from './testing/start-ingest.ts';

const MIB = 1024 * 1024;

/**
 * GitHub does not send again what was answered 503, so that strangers must not be able to bring about a 503 for it:
 * not by holding places, nor by holding memory. Their bodies cannot be told from GitHub's before they have arrived.
 */
describe('junk that is shaped like deliveries', () => {
  let ingest: RunningIngest;
  let stack: Awaited<ReturnType<typeof testStack>>;
  let topic: string;
  let junk: { outgoing: ClientRequest; reply: Promise<Reply> }[] = [];

  beforeAll(async () => {
    stack = await testStack();
    topic = await testTopic();
    ingest = await startIngest({
      stack,
      topic,
      settings: {
        HOOKLINE_INGEST_READING_MAX_REQUESTS: '20',
        HOOKLINE_INGEST_READING_MAX_BYTES: String(26 * MIB),
      },
    });
    await until('ingest is ready', () => ingest.ready().ok);
  });
  afterEach(() => {
    for (const { outgoing } of junk) outgoing.destroy();
    junk = [];
  });
  afterAll(() => ingest.stop());

  /** Begins a forged delivery, of which the first bytes are sent and the rest is kept back. */
  const hold = async (declared: number, sent: number): Promise<void> => {
    const held = open({ port: ingest.port, headers: signed('', { 'content-length': String(declared) }).headers });
    junk.push(held);
    // A connection that is given up may be closed while we still write to it.
    await new Promise((resolve) => {
      held.outgoing.on('close', resolve);
      held.outgoing.write(Buffer.alloc(sent, 'x'), resolve);
    });
  };

  const deliverAll = async (count: number): Promise<number[]> => {
    const replies = Array.from({ length: count }, async (_, i) => {
      return (await send({ port: ingest.port, ...signed(`{"repository":{"id":${i}}}`) })).status;
    });
    return await Promise.all(replies);
  };

  const refused = () => ingest.metric('hookline_ingest_requests_total', { source: 'main', code: 'OVERLOADED' });

  it('and holds every place gives way to deliveries', async () => {
    for (let i = 0; i < 60; i++) await hold(1000, 100);
    await until('the junk beyond the places is refused', async () => (await refused()) >= 40);
    for (let round = 0; round < 20; round++) {
      expect(await deliverAll(5)).toEqual([202, 202, 202, 202, 202]);
      await hold(1000, 100);
    }
  });

  it('and holds all the memory gives way to deliveries', async () => {
    const before = await refused();
    for (let i = 0; i < 40; i++) await hold(20 * MIB, 2 * MIB);
    await until('the junk beyond the memory is refused', async () => (await refused()) >= before + 20);
    for (let round = 0; round < 5; round++) {
      expect(await deliverAll(5)).toEqual([202, 202, 202, 202, 202]);
      await hold(20 * MIB, 2 * MIB);
    }
    expect(await ingest.metric('hookline_ingest_reading_bytes')).toBeLessThanOrEqual(26 * MIB);
  });

  it('and hardly sends anything is given up with 408', async () => {
    await hold(1000, 1);
    const { status, json } = await (junk[0] as (typeof junk)[0]).reply;
    expect([status, json?.['code']]).toEqual([408, 'REQUEST_TOO_SLOW']);
  });

  it('leaves a line in the log now and then, not one each', async () => {
    expect(await refused()).toBeGreaterThan(60);
    expect(ingest.log.filter(({ code }) => code === 'OVERLOADED').length).toBeLessThanOrEqual(30);
  });

  it('leaves nothing in the log of deliveries', async () => {
    expect(await readDeliveries(stack, topic)).toHaveLength(125);
  });
});
