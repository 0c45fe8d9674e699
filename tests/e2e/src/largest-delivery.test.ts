import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_BODY_BYTES } from '@hookline/contracts';
import { startSystem, type System } from './system/start-system.ts';
import { githubDeliveries, githubDelivery } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';
import { expectEachOnceInOrder } from './verify/expect-each-once-in-order.ts';
import { untilCaughtUp } from './verify/read-state.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

describe('the largest delivery that GitHub sends', () => {
  // Its text is random, so that no compression on the way makes it smaller than what the limits were set for.
  it('passes whole, while small ones go on', async () => {
    const [ingest] = await Promise.all([system.startIngest(), system.startProcessor().untilReady()]);
    const empty = githubDelivery(7, { filler: '' }).body.length;
    const filler = randomBytes(MAX_BODY_BYTES)
      .toString('base64')
      .slice(0, MAX_BODY_BYTES - empty);
    const largest = githubDelivery(7, { filler });
    expect(largest.body).toHaveLength(26_214_400);

    const sender = createSender();
    const sending = sender.post({ delivery: largest, url: ingest.url });
    let done = false;
    void sending.finally(() => (done = true));
    let small = 0;
    while (!done) {
      const some = githubDeliveries(20, 10);
      await sender.postAll(
        some.map((delivery) => ({ delivery, url: ingest.url })),
        4,
      );
      small += some.length;
    }
    sender.close();
    await untilCaughtUp(system);

    expect(sender.answers.filter(({ status }) => status !== 202)).toEqual([]);
    const log = await expectEachOnceInOrder(system, sender.answers);
    expect(log).toHaveLength(small + 1);
    const logged = log.find(({ delivery }) => delivery.guid === largest.guid);
    expect(logged?.delivery.body.equals(largest.body)).toBe(true);
  }, 120_000);
});
