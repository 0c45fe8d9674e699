import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import type { Handler } from '@hookline/handlers';
import { repositoryActivity } from '@hookline/processor';
import { until } from '@hookline/test-support';
import { startProcessorHere } from './system/processor-here.ts';
import { startSystem, type IngestProcess, type System } from './system/start-system.ts';
import { githubDelivery, repositoriesByPartition } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';
import { expectEachOnceInOrder } from './verify/expect-each-once-in-order.ts';
import { countAudit, readAudit, untilCaughtUp } from './verify/read-state.ts';

const PARTITIONS = 4;
const PER_PARTITION = 20;
const BAD = 7;

let system: System;
let ingest: IngestProcess;

beforeAll(async () => {
  system = await startSystem({ partitions: PARTITIONS });
  ingest = await system.startIngest();
});
afterAll(() => system.stop());

describe('a handler that fails', () => {
  // Skipping the record would lose it, and going on behind it would break its repository's order: the partition stops,
  // visibly, with everything before the record done and nothing after it.
  it('halts its partition where it failed, and a mended one goes on from there', async () => {
    const repositories = repositoriesByPartition(PARTITIONS, partitionOf);
    const deliveries = Array.from({ length: PER_PARTITION }, () =>
      repositories.map((repository) => githubDelivery(repository)),
    );
    const bad = deliveries[BAD]?.[2];
    const sender = createSender();
    // One at a time: the order of sending is then the order of the log.
    await sender.postAll(
      deliveries.flat().map((delivery) => ({ delivery, url: ingest.url })),
      1,
    );
    sender.close();

    const fail: Handler = {
      kind: 'delivery',
      name: 'brittle',
      on: ['issues'],
      run: ({ guid }) => (guid === bad?.guid ? Promise.reject(new Error('cannot digest this')) : Promise.resolve()),
    };
    const broken = await startProcessorHere(system, [repositoryActivity, fail]);
    const others = PER_PARTITION * (PARTITIONS - 1);
    await until(
      'the partition is halted',
      async () => (await broken.metric('hookline_partition_halted', { partition: 2 })) === 1,
    );
    await until('the others are done', async () => (await countAudit(system)) === others + BAD);

    const halts = broken.log.filter(({ msg }) => msg.startsWith('PARTITION_HALTED'));
    expect(halts).toHaveLength(1);
    const [line] = halts;
    expect(line).toMatchObject({
      level: 'error',
      partition: 2,
      offset: String(BAD),
      guid: bad?.guid,
      handler: 'brittle',
    });
    expect(line?.['err']).toMatchObject({ message: 'cannot digest this' });
    expect(await broken.metric('hookline_partition_halted', { partition: 1 })).toBe(0);
    await broken.stop();
    const halted = (await readAudit(system)).filter(({ partition }) => partition === 2);
    expect(halted.map(({ offset }) => Number(offset))).toEqual(Array.from({ length: BAD }, (_, i) => i));

    const mended = await startProcessorHere(system, [repositoryActivity, { ...fail, run: () => Promise.resolve() }]);
    await untilCaughtUp(system);
    await mended.stop();
    await expectEachOnceInOrder(system, sender.answers);
    expect(await countAudit(system, 'processed')).toBe(PER_PARTITION * PARTITIONS);
  }, 120_000);
});
