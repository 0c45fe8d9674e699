import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceUrls } from '@hookline/local-stack';
import { until, type ServiceProcess } from '@hookline/test-support';
import { expectOnceInOrder } from './receivers/expect-received.ts';
import { startFaultProxy, type FaultProxy, type ReceiverFault } from './receivers/fault-proxy.ts';
import { RECEIVER_SECRET, startExpressApp, type ReceiverProgram } from './receivers/start-receivers.ts';
import { RELAY, startSystem, type IngestProcess, type System } from './system/start-system.ts';
import { githubDelivery } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';

const REPOSITORIES = [201, 202, 203];
const PER_REPOSITORY = 6;
/** At which requests the relay dies, and what they have come to: the receiver has not seen it, or has done its work. */
const DEATHS = new Map<number, ReceiverFault>([
  [4, 'silence behind'],
  [9, 'silence before'],
  [15, 'silence behind'],
]);

let system: System;
let ingest: IngestProcess;
let express: ReceiverProgram;
let proxy: FaultProxy;
let relay: ServiceProcess;
let requests = 0;
let deaths = 0;

beforeAll(async () => {
  system = await startSystem();
  [ingest, express] = await Promise.all([system.startIngest(), startExpressApp(system)]);
  proxy = await startFaultProxy(express.url, () => DEATHS.get((requests += 1)) ?? null, killAndStart);
  const routesFile = join(await mkdtemp(join(tmpdir(), 'hookline-routes-')), 'routes.json');
  const route = { name: 'hooks', on: ['issues'], forward: proxy.url + express.path, secretEnv: 'RECEIVER_SECRET' };
  await writeFile(routesFile, JSON.stringify([route]));
  system.startProcessor({ HOOKLINE_ROUTES_FILE: routesFile });
  const start = () =>
    system.start({
      main: RELAY,
      env: {
        HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).relay,
        HOOKLINE_ROUTES_FILE: routesFile,
        HOOKLINE_OUTBOUND_ALLOW: '127.0.0.1',
        HOOKLINE_LEASE_MS: '2500',
        HOOKLINE_LEASE_MARGIN_MS: '200',
        HOOKLINE_EFFECT_DEADLINE_MS: '1200',
        HOOKLINE_EFFECT_RETRY_MIN_MS: '10',
        HOOKLINE_EFFECT_RETRY_MAX_MS: '50',
        RECEIVER_SECRET,
      },
    });
  relay = start();

  function killAndStart(): void {
    relay.signal('SIGKILL');
    deaths += 1;
    relay = start();
  }
});
afterAll(async () => {
  await system.stop();
  await proxy.close();
});

describe('a receiver behind a route, while the relay is killed as it forwards', () => {
  it('gets each delivery once, in order, by the idempotency key', async () => {
    const deliveries = Array.from({ length: PER_REPOSITORY }, (_, n) =>
      REPOSITORIES.map((repository) => githubDelivery(repository, { issue: { number: n + 1 } })),
    ).flat();
    const sender = createSender();
    await sender.postAll(
      deliveries.map((delivery) => ({ delivery, url: ingest.url })),
      1,
    );
    sender.close();
    await until(
      'all is sent',
      async () => {
        const { rows } = await system.database.query<{ sent: number }>(
          `select count(*)::int as sent from hookline.settled_effects where outcome = 'sent'`,
        );
        return rows[0]?.sent === deliveries.length;
      },
      150_000,
    );
    expect(deaths).toBe(DEATHS.size);
    expectOnceInOrder(express.done(), deliveries);
    // Where it had done its work it was asked again, under the same key: otherwise this shows nothing.
    const keys = Map.groupBy(proxy.tries, ({ guid }) => guid);
    expect([...keys.values()].filter((tries) => tries.length > 1).length).toBeGreaterThanOrEqual(DEATHS.size);
    for (const tries of keys.values()) expect(new Set(tries.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  }, 180_000);
});
