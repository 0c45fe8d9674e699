import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@hookline/test-support';
import { startSystem, type System } from './system/start-system.ts';
import { githubDeliveries, type GithubDelivery } from './traffic/github-delivery.ts';
import { seededRandom } from './traffic/random.ts';
import { createSender, type Sending } from './traffic/sender.ts';
import { expectEachOnceInOrder } from './verify/expect-each-once-in-order.ts';
import { countAudit, untilCaughtUp } from './verify/read-state.ts';

const DELIVERIES = 10_000;
const REDELIVERED = 2_000;
const REPOSITORIES = 200;

let system: System;

beforeAll(async () => {
  system = await startSystem({ partitions: 12 });
});
afterAll(() => system.stop());

/** Every delivery once; of some a copy at a random later place, and of all a random ingest. */
function plan(urls: readonly string[]): Sending[] {
  const random = seededRandom(20);
  const once = githubDeliveries(DELIVERIES, REPOSITORIES).map((delivery, i) => ({ delivery, at: i }));
  const again = Array.from({ length: REDELIVERED }, () => {
    const original = once[Math.floor(random() * DELIVERIES)] as { delivery: GithubDelivery; at: number };
    return { delivery: original.delivery, at: original.at + random() * (DELIVERIES - original.at) };
  });
  return [...once, ...again]
    .toSorted((a, b) => a.at - b.at)
    .map(({ delivery }) => ({ delivery, url: urls[Math.floor(random() * urls.length)] as string }));
}

/** The sendings in order; what is after the first `count` waits, so that an event is in mid-stream on any machine. */
async function* withGate(sendings: readonly Sending[], count: number, open: Promise<unknown>): AsyncGenerator<Sending> {
  yield* sendings.slice(0, count);
  await open;
  yield* sendings.slice(count);
}

describe('a stream of deliveries through two ingests and processors that come and die', () => {
  // Who dies has been in the middle of everything: slices open, records queued, offsets not yet copied to Kafka. Were
  // any of that taken for done, deliveries would be missing; were any done twice, counts would be too high.
  it('is processed once each, in the order of the log per repository, with a complete audit', async () => {
    const ingests = await Promise.all([system.startIngest(), system.startIngest()]);
    const settings = { HOOKLINE_SLICE_RECORDS: '50' };
    const first = system.startProcessor(settings);
    const sender = createSender();
    const killed = Promise.withResolvers<void>();
    const sending = sender.postAll(withGate(plan(ingests.map(({ url }) => url)), 9_000, killed.promise), 32);

    await until('the first processor works', async () => (await countAudit(system)) >= 500);
    const second = system.startProcessor(settings);
    await second.logged('took the partition over');
    await until('both work', async () => (await countAudit(system)) >= 3_000);
    first.signal('SIGKILL');
    await first.ended;
    killed.resolve();
    expect(sender.answers.length).toBeLessThan(DELIVERIES + REDELIVERED);
    const third = system.startProcessor(settings);
    await third.logged('took the partition over');
    await sending;
    sender.close();
    await untilCaughtUp(system, 120_000);

    expect(sender.answers.filter(({ status }) => status !== 202)).toEqual([]);
    const log = await expectEachOnceInOrder(system, sender.answers);
    expect(log).toHaveLength(DELIVERIES + REDELIVERED);
    expect(await countAudit(system, 'processed')).toBe(DELIVERIES);
    expect(await countAudit(system, 'duplicate')).toBe(REDELIVERED);
    expect(new Set(log.map(({ key }) => key)).size).toBe(REPOSITORIES);
    expect((await second.stop()).code).toBe(0);
    expect((await third.stop()).code).toBe(0);
  }, 180_000);
});
