import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@hookline/test-support';
import { partitionsOf, untilShared } from './system/members.ts';
import { startSystem, type IngestProcess, type System } from './system/start-system.ts';
import { githubDeliveries, type GithubDelivery } from './traffic/github-delivery.ts';
import { createSender, type Sender } from './traffic/sender.ts';
import { expectEachOnceInOrder } from './verify/expect-each-once-in-order.ts';
import { untilCaughtUp } from './verify/read-state.ts';

const PARTITIONS = 4;
const ALL = [0, 1, 2, 3];

let system: System;
let ingest: IngestProcess;
let sender: Sender;

beforeEach(async () => {
  system = await startSystem({ partitions: PARTITIONS });
  ingest = await system.startIngest();
  sender = createSender();
});
afterEach(async () => {
  sender.close();
  await system.stop();
});

async function post(deliveries: readonly GithubDelivery[]): Promise<void> {
  await sender.postAll(
    deliveries.map((delivery) => ({ delivery, url: ingest.url })),
    8,
  );
}

describe('two processors', () => {
  // With this session, waiting for it to end would take longer than the test lets it.
  it('share the partitions, and one that is told to stop hands its own over at once', async () => {
    const settings = { HOOKLINE_SESSION_TIMEOUT_MS: '20000', HOOKLINE_SLICE_RECORDS: '5' };
    const [leaving, staying] = [system.startProcessor(settings), system.startProcessor(settings)];
    await untilShared(system, leaving, staying);

    const sending = post(githubDeliveries(400, 40));
    const { code } = await leaving.stop();
    await until('the other has all', () => String(partitionsOf(staying)) === String(ALL), 15_000);
    await sending;
    await untilCaughtUp(system, 15_000);
    await expectEachOnceInOrder(system, sender.answers);
    expect(code).toBe(0);
    expect((await staying.stop()).code).toBe(0);
  }, 120_000);
});
