import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@hookline/test-support';
import { checkEffects } from './check/check-effects.ts';
import { readSending } from './check/read-sending.ts';
import { KINDS, wantedEffects } from './programs/wanted-effects.ts';
import type { CrashPoint } from './programs/control.ts';
import { createRandom } from './random.ts';
import { untilDrained } from './round/drain.ts';
import { openBench, type Bench } from './system/bench.ts';
import type { Service } from './system/service.ts';
import { startSystem, untilOwned, type System } from './system/system.ts';
import type { Targets } from './targets/start-targets.ts';
import { createCourier, type Courier } from './traffic/courier.ts';
import type { Ledger } from './traffic/ledger.ts';
import { sendAll, type Composed } from './traffic/load.ts';

const AT_ONCE = 20;
const WITHIN_MS = 60_000;
const BY_PROCESSOR: CrashPoint[] = ['after-claims', 'after-audit', 'before-claims-commit', 'after-claims-commit'];
const BY_RELAY: CrashPoint[] = [
  'before-claim',
  'after-claim-commit',
  'before-send',
  'after-send',
  'before-settle-commit',
  'after-settle-commit',
];
/** As short as they can be: a relay that was killed is waited for until its lease is over. */
const SETTINGS = {
  HOOKLINE_EFFECT_DEADLINE_MS: '500',
  HOOKLINE_LEASE_MARGIN_MS: '200',
  HOOKLINE_LEASE_MS: '1000',
};

const random = createRandom('one delivery');
const ledger: Ledger = new Map();
const sent = new Map<string, Composed>();
let bench: Bench;
let system: System;
let courier: Courier;

beforeAll(async () => {
  bench = await openBench();
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  system = await startSystem(bench, {
    ...{ root, name: `${process.pid}-one`, ingests: 1, processors: 1, relays: 1, settings: SETTINGS },
  });
  courier = createCourier({ ledger, sent, ingests: system.ingests, random, pause: (ms) => pause(ms) });
  await untilOwned(system);
}, 180_000);
afterAll(async () => {
  await system?.stopServices();
  await system?.remove();
  await bench?.close();
}, 60_000);

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const times = (service: Service, point: CrashPoint): number => service.reached().filter((one) => one === point).length;

/**
 * The process that there is of that service is killed there. Resolves when the one after it has begun, or when there is
 * nothing left to come there for.
 */
async function killAt(
  service: Service,
  point: CrashPoint,
  isOver: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<void> {
  const [before, starts] = [times(service, point), service.starts()];
  service.order({ order: 'arm', point, nth: 1, action: 'kill' });
  await until(
    `${service.name} dies ${point}`,
    async () => (times(service, point) > before && service.starts() > starts) || (await isOver()),
    WITHIN_MS,
  );
}

/** One for which a comment, a job and a forward are asked for, and nothing else. */
function findGuid(): string {
  for (;;) {
    const guid = random.uuid();
    const names = wantedEffects(guid, KINDS).map(({ name }) => name);
    if (names.toSorted((a, b) => a.localeCompare(b)).join() === 'comment,forward,job') return guid;
  }
}

const unsettled = async (): Promise<number> => {
  const { rows } = await system.database.query<{ n: number }>('select count(*)::integer as n from hookline.outbox');
  return rows[0]?.n ?? 0;
};

describe('one delivery', () => {
  // The complaint that started it all: a webhook that is delivered again must not post the comment twice, nor enqueue the
  // job twice, and no moment is found at which a process dies and either happens.
  it('is one comment, one job and one forward, wherever processor and relay die, and however often it arrives', async () => {
    const [[processor], [relay]] = [system.processors, system.relays] as [[Service], [Service]];
    await relay.hold();
    const guid = findGuid();
    processor.order({ order: 'arm', point: BY_PROCESSOR[0] as CrashPoint, nth: 1, action: 'kill' });
    const planned = { guid, repository: 7, event: 'issues', misdeed: null, redeliverAfterMs: [], filling: 0 };
    const signal = AbortSignal.timeout(WITHIN_MS);
    const load = { ingests: system.ingests, ledger, random, spreadMs: 0, concurrency: 1, signal, sent };
    await sendAll({ ...load, plan: [planned] });
    await Promise.all(Array.from({ length: AT_ONCE }, () => courier.again(guid)));
    await until('the processor dies', () => processor.starts() > 1, WITHIN_MS);
    for (const point of BY_PROCESSOR.slice(1)) await killAt(processor, point);
    await until('the effects are written', async () => (await unsettled()) === 3, WITHIN_MS);

    const starts = relay.starts();
    relay.resume();
    await until('a relay begins', () => relay.starts() > starts);
    let kills = 0;
    while ((await unsettled()) > 0) {
      const point = BY_RELAY[kills % BY_RELAY.length] as CrashPoint;
      await killAt(relay, point, async () => (await unsettled()) === 0);
      kills += 1;
    }
    expect([...new Set(processor.reached())]).toEqual(BY_PROCESSOR);
    expect(new Set(relay.reached())).toEqual(new Set(BY_RELAY));

    await Promise.all(Array.from({ length: AT_ONCE }, () => courier.again(guid)));
    expect(ledger.get(guid)?.sendings.at(-1)?.status).toBe(409);
    expect(await untilDrained(system, WITHIN_MS)).toBe(true);
    await system.stopServices();
    const facts = await readSending(system, system.targets as Targets);
    expect(checkEffects(facts)).toEqual({
      violations: [],
      counts: {
        ...{ asked: 3, done: 3, dead: 0, lost: 0, doubled: 0, residual: 0 },
        ...{ twins: 0, repeated: 0, parked: 0, jobs: 1 },
      },
    });
    expect(
      facts.arrivals
        .filter(({ acted }) => acted)
        .map(({ kind }) => kind)
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['github.comment', 'http.forward', 'kafka.publish']);
  }, 300_000);
});
