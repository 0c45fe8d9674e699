import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceUrls } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import { expectOnceInOrder, ofRepository } from './receivers/expect-received.ts';
import { startFaultProxy, type FaultProxy, type ReceiverFault, type Try } from './receivers/fault-proxy.ts';
import { RECEIVER_SECRET, startExpressApp, startProbotApp, type ReceiverProgram } from './receivers/start-receivers.ts';
import { RELAY, startSystem, type IngestProcess, type System } from './system/start-system.ts';
import { githubDelivery, type GithubDelivery } from './traffic/github-delivery.ts';
import { seededRandom } from './traffic/random.ts';
import { createSender } from './traffic/sender.ts';

const REPOSITORIES = [101, 102, 103, 104, 105];
const PER_REPOSITORY = 12;
const TIMEOUT_MS = 500;
const BEFORE: ReceiverFault[] = ['500 before', 'silence before', 'cut before'];
const BEHIND: ReceiverFault[] = ['500 behind', 'silence behind', 'cut behind'];

let system: System;
let ingest: IngestProcess;
let probot: ReceiverProgram;
let express: ReceiverProgram;
let beforeProbot: FaultProxy;
let beforeExpress: FaultProxy;

beforeAll(async () => {
  system = await startSystem();
  [ingest, probot, express] = await Promise.all([
    system.startIngest(),
    startProbotApp(system),
    startExpressApp(system),
  ]);
  beforeProbot = await startFaultProxy(probot.url, faults(1, BEFORE));
  beforeExpress = await startFaultProxy(express.url, faults(2, [...BEFORE, ...BEHIND]));
  const routesFile = join(await mkdtemp(join(tmpdir(), 'hookline-routes-')), 'routes.json');
  const common = { secretEnv: 'RECEIVER_SECRET', timeoutMs: TIMEOUT_MS, maxAttempts: 1000 };
  const routes = [
    { name: 'bot', on: ['*'], forward: beforeProbot.url + probot.path, ...common },
    { name: 'hooks', on: ['issues.opened'], forward: beforeExpress.url + express.path, ...common },
  ];
  await writeFile(routesFile, JSON.stringify(routes));
  system.startProcessor({ HOOKLINE_ROUTES_FILE: routesFile });
  system.start({
    main: RELAY,
    env: {
      HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).relay,
      HOOKLINE_ROUTES_FILE: routesFile,
      HOOKLINE_OUTBOUND_ALLOW: '127.0.0.1',
      HOOKLINE_EFFECT_RETRY_MIN_MS: '10',
      HOOKLINE_EFFECT_RETRY_MAX_MS: '50',
      RECEIVER_SECRET,
    },
  });
});
afterAll(async () => {
  await system.stop();
  await Promise.all([beforeProbot.close(), beforeExpress.close()]);
});

/** About one request in four; the same for the same seed. */
function faults(seed: number, kinds: ReceiverFault[]): () => ReceiverFault | null {
  const random = seededRandom(seed);
  return () => (random() < 0.25 ? (kinds[Math.floor(random() * kinds.length)] ?? null) : null);
}

/** Each repository's deliveries in their order, the repositories in turn, and some sent again: at once, and later. */
function traffic(): { firsts: GithubDelivery[]; all: GithubDelivery[] } {
  const random = seededRandom(3);
  const firsts: GithubDelivery[] = [];
  const all: GithubDelivery[] = [];
  for (let n = 1; n <= PER_REPOSITORY; n++) {
    for (const repository of REPOSITORIES) {
      const delivery = githubDelivery(repository, { issue: { number: n, node_id: `${repository}-${n}` } });
      firsts.push(delivery);
      all.push(delivery);
      for (let again = 0; again < 2; again++) all.push(firsts[Math.floor(random() * firsts.length)] as GithubDelivery);
    }
  }
  return { firsts, all };
}

/** Of each repository one delivery at a time, until it is taken; each with one idempotency key at all its tries. */
function expectOneAtATime(tries: readonly Try[]): void {
  for (const repository of REPOSITORIES) {
    let taken = 0;
    for (const { n, status } of ofRepository(tries, repository)) {
      expect(n).toBe(taken + 1);
      if (status !== null && status < 300) taken = n;
    }
    expect(taken).toBe(PER_REPOSITORY);
  }
  const keys = new Map(tries.map(({ guid, idempotencyKey }) => [guid, idempotencyKey]));
  for (const { guid, idempotencyKey } of tries) expect(idempotencyKey).toBe(keys.get(guid));
  expect(new Set(keys.values()).size).toBe(keys.size);
}

const taken = ({ tries }: FaultProxy): number => tries.filter(({ status }) => status !== null && status < 300).length;

describe('an unchanged Probot app and a plain Express receiver behind routes', () => {
  // GitHub sends again what failed, people send again what looked lost, and receivers fail and hang: behind a route none of
  // that reaches them twice. What cannot be known, whether a request whose answer was lost has had its effect, is asked
  // again under the same idempotency key; the Express receiver, whose answers are lost here, knows that.
  it('get each delivery once, in order', async () => {
    const { firsts, all } = traffic();
    const sender = createSender();
    // One at a time: the order of sending is then the order of the log.
    await sender.postAll(
      all.map((delivery) => ({ delivery, url: ingest.url })),
      1,
    );
    sender.close();
    await until(
      'both have taken all',
      () => taken(beforeProbot) >= firsts.length && taken(beforeExpress) >= firsts.length,
      90_000,
    );
    // Nothing more is to come: what was redelivered has been decided, and nothing waits to be sent.
    await until('all has been decided', async () => {
      const { rows } = await system.database.query<{ decided: number; waiting: number }>(
        `select (select count(*)::int from hookline.audit_log where stage = 'log') as decided,
                (select count(*)::int from hookline.outbox) as waiting`,
      );
      return rows[0]?.decided === all.length && rows[0].waiting === 0;
    });

    expectOnceInOrder(probot.done(), firsts);
    expectOnceInOrder(express.done(), firsts);
    expectOneAtATime(beforeProbot.tries);
    expectOneAtATime(beforeExpress.tries);
    // Each try that had to be made, and not one more.
    for (const { tries } of [beforeProbot, beforeExpress]) {
      expect(tries).toHaveLength(firsts.length + tries.filter(({ fault }) => fault !== null).length);
    }
    // The faults were there.
    const met = (proxy: FaultProxy) => new Set(proxy.tries.map(({ fault }) => fault));
    expect(met(beforeProbot)).toEqual(new Set([...BEFORE, null]));
    expect(met(beforeExpress)).toEqual(new Set([...BEFORE, ...BEHIND, null]));
    const { rows } = await system.database.query<{ outcome: string; effects: number }>(
      'select outcome, count(*)::int as effects from hookline.settled_effects group by outcome',
    );
    expect(rows).toEqual([{ outcome: 'sent', effects: 2 * firsts.length }]);
  }, 180_000);
});
