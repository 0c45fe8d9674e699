import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSystem, type System } from './system/start-system.ts';
import { githubDelivery } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';
import { expectEachOnceInOrder } from './verify/expect-each-once-in-order.ts';
import { countAudit, untilCaughtUp } from './verify/read-state.ts';

const COPIES = 50;

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

describe('one delivery that arrives many times at once', () => {
  // Neither ingest knows of the other, and neither asks the database: all copies get into the log, some of them into
  // one slice, others into later ones. Only the claim in the transaction makes them one.
  it('is processed once, and each other copy is audited as a duplicate', async () => {
    const ingests = await Promise.all([system.startIngest(), system.startIngest()]);
    const processor = system.startProcessor({ HOOKLINE_SLICE_RECORDS: '10' });
    const sender = createSender();
    const delivery = githubDelivery(1);
    const sendings = Array.from({ length: COPIES }, (_, i) => ({ delivery, url: ingests[i % 2]?.url as string }));
    await sender.postAll(sendings, COPIES);
    sender.close();
    await processor.untilReady();
    await untilCaughtUp(system);

    expect(sender.answers.map(({ status }) => status)).toEqual(sendings.map(() => 202));
    await expectEachOnceInOrder(system, sender.answers);
    expect(await countAudit(system, 'processed')).toBe(1);
    expect(await countAudit(system, 'duplicate')).toBe(COPIES - 1);
  });
});
