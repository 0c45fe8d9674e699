import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Database, makeRanges, rollback, transaction } from '@hookline/database';
import { type StackAddresses, type TestDatabase, testDatabase, testStack, testTopic } from '@hookline/local-stack';
import { connectTo, readDeliveries, until } from '@hookline/test-support';
import { type DatabaseProxy, startDatabaseProxy } from './testing/database-proxy.ts';
import { send, signed } from './testing/http.ts';
import { knownTo } from './testing/known-deliveries.ts';
import { type RunningIngest, startIngest } from './testing/start-ingest.ts';

const TIMEOUT_MS = 500;
/** GitHub waits no longer: what waits for its database waits until that is mended, for as long as the test likes. */
const GITHUB_WAITS_MS = 10_000;

/**
 * The database is no part of taking a delivery in: with it away, slow, silent or locked, every delivery is in the log, none waits
 * longer than its look-up may take, and soon none waits at all. When it is back, look-ups are, with no hand laid on.
 */
describe('ingest without its database', () => {
  let stack: StackAddresses;
  let topic: string;
  let own: TestDatabase;
  let database: Database;
  let proxy: DatabaseProxy;
  let ingest: RunningIngest;
  const accepted: string[] = [];
  const known = {
    guid: '0b989ba4-242f-11e5-81e1-c7b6966d2516',
    body: '{"action":"opened","issue":{}}',
    event: 'issues',
  };

  beforeAll(async () => {
    stack = await testStack();
    topic = await testTopic();
    own = await testDatabase();
    database = connectTo(own.url);
    await makeRanges(database);
    await knownTo(database).processed(known);
    proxy = await startDatabaseProxy(own.url, 1.5 * TIMEOUT_MS);
    ingest = await startIngest({
      stack,
      topic,
      settings: { HOOKLINE_DATABASE_URL: proxy.url, HOOKLINE_INGEST_LOOK_UP_TIMEOUT_MS: String(TIMEOUT_MS) },
    });
    await until('ingest is ready', () => ingest.ready().ok);
  });
  afterAll(async () => {
    await ingest.stop();
    await proxy.stop();
    await database.close();
    await own.drop();
  });

  const isDuplicate = async () => {
    const { status } = await send({ port: ingest.port, ...signed(known.body, { 'x-github-delivery': known.guid }) });
    return status === 409;
  };
  const deliver = async (): Promise<number> => {
    const delivery = signed(`{"action":"opened","issue":{},"repository":{"id":${accepted.length}}}`);
    const begun = performance.now();
    const { status } = await send({ port: ingest.port, ...delivery });
    expect(status).toBe(202);
    accepted.push(delivery.headers['x-github-delivery'] as string);
    return performance.now() - begun;
  };
  const stopped = async () => (await ingest.metric('hookline_ingest_look_ups_stopped')) === 1;
  const withoutLookUp = () => ingest.metric('hookline_ingest_looked_up_total', { in_time: 'no' });

  const faults: [string, () => Promise<{ mend(): Promise<void> }>][] = [
    [
      'away',
      async () => {
        proxy.set('refuse');
        return { mend: async () => proxy.set('pass') };
      },
    ],
    [
      // It answers each time, too late.
      'slow',
      async () => {
        proxy.set('slow');
        return { mend: async () => proxy.set('pass') };
      },
    ],
    [
      'silent',
      async () => {
        proxy.set('hang');
        return { mend: async () => proxy.set('pass') };
      },
    ],
    [
      'locked by somebody',
      async () => {
        const [locked, mended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        const holding = transaction(database, {}, async (tx) => {
          await tx.query('lock table hookline.processed_deliveries in access exclusive mode');
          locked.resolve();
          await mended.promise;
          return rollback(null);
        });
        await locked.promise;
        return {
          async mend() {
            mended.resolve();
            await holding;
          },
        };
      },
    ],
  ];

  it.each(faults)(
    'that is %s takes every delivery, in bounded time, and looks up again when it is back',
    async (_how, begin) => {
      await until('a known delivery is a duplicate', isDuplicate);
      const { mend } = await begin();
      const times: number[] = [];
      try {
        await until('deliveries wait no more', async () => {
          times.push(...(await Promise.all([deliver(), deliver(), deliver()])));
          return await stopped();
        });
        const before = await withoutLookUp();
        times.push(...(await Promise.all(Array.from({ length: 50 }, deliver))));
        expect((await withoutLookUp()) - before).toBe(50);
        expect(Math.max(...times)).toBeLessThan(GITHUB_WAITS_MS);
        expect(ingest.ready().ok).toBe(true);
        // What is known is taken, too: the processor finds out.
        expect(await isDuplicate()).toBe(false);
      } finally {
        await mend();
      }
      await until('a known delivery is a duplicate again', isDuplicate);
      expect(await stopped()).toBe(false);
    },
    60_000,
  );

  it('does not open a connection for each delivery while it is silent', async () => {
    proxy.set('hang');
    await until('deliveries wait no more', async () => {
      await deliver();
      return await stopped();
    });
    const before = proxy.connections();
    await Promise.all(Array.from({ length: 50 }, deliver));
    // One try, and the one that was under way.
    expect(proxy.connections() - before).toBeLessThanOrEqual(2);
    proxy.set('pass');
    await until('a known delivery is a duplicate again', isDuplicate);
  }, 60_000);

  it('stops in time while its database is silent', async () => {
    proxy.set('hang');
    const settings = { HOOKLINE_DATABASE_URL: proxy.url, HOOKLINE_INGEST_LOOK_UP_TIMEOUT_MS: String(TIMEOUT_MS) };
    const other = await startIngest({ stack, topic, settings });
    await until('it is ready', () => other.ready().ok);
    const delivery = signed('{"action":"opened","issue":{},"repository":{"id":1}}');
    expect((await send({ port: other.port, ...delivery })).status).toBe(202);
    await other.stop();
    proxy.set('pass');
    accepted.push(delivery.headers['x-github-delivery'] as string);
  });

  it('has every delivery in the log that it has answered 202', async () => {
    const present = new Set((await readDeliveries(stack, topic)).map(({ delivery }) => delivery.guid));
    expect(accepted.filter((guid) => !present.has(guid))).toEqual([]);
    expect(ingest.log.filter(({ msg }) => msg === 'look-ups resumed').length).toBeGreaterThanOrEqual(4);
    expect(ingest.log.filter(({ msg }) => String(msg).startsWith('look-ups stopped')).length).toBeGreaterThanOrEqual(4);
  });
});
