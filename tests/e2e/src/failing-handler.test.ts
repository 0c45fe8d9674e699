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
const PER_REPOSITORY = 20;
const BAD = 7;

let system: System;
let ingest: IngestProcess;

beforeAll(async () => {
  system = await startSystem({ partitions: PARTITIONS });
  ingest = await system.startIngest();
});
afterAll(() => system.stop());

describe('a handler that fails', () => {
  // Skipping the record would lose it, going on behind it would break its repository's order, and stopping would hold up
  // all the others: its repository waits in a lane, visibly, and everything else flows.
  it('delays the repository of the record that it fails for and no other, and a mended one catches up in order', async () => {
    const repositories = repositoriesByPartition(PARTITIONS, partitionOf);
    // Of the same partition: it must not wait for the one that fails.
    const neighbour = Array.from({ length: 1000 }, (_, i) => 1_000_000 + i).find(
      (repository) => partitionOf(`github.com/repository/${repository}`, PARTITIONS) === 2,
    ) as number;
    const deliveries = Array.from({ length: PER_REPOSITORY }, () =>
      [...repositories, neighbour].map((repository) => githubDelivery(repository)),
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
    const settings = { HOOKLINE_LANE_RETRY_MIN_MS: '100', HOOKLINE_LANE_RETRY_MAX_MS: '200' };
    const broken = await startProcessorHere(system, [repositoryActivity, fail], {
      ...settings,
      HOOKLINE_LANE_MAX_ATTEMPTS: '1000',
    });
    const all = PER_REPOSITORY * (repositories.length + 1);
    await until('every record is decided', async () => (await countAudit(system)) === all);
    const waiting = PER_REPOSITORY - BAD;
    const audit = (await readAudit(system)).filter(({ stage }) => stage === 'log');
    const parked = audit.filter(({ decision }) => decision === 'parked');
    expect(parked.map(({ key }) => key)).toEqual(Array.from({ length: waiting }, () => bad?.key));
    expect(audit.filter(({ decision }) => decision === 'processed')).toHaveLength(all - waiting);

    const [line] = await until('the failure is told', () => {
      const lines = broken.log.filter(({ msg }) => msg.startsWith('a handler failed'));
      return lines.length > 0 && lines;
    });
    expect(line).toMatchObject({ level: 'warn', partition: 2, guid: bad?.guid, handler: 'brittle', kind: 'fault' });
    expect(line?.['err']).toMatchObject({ message: 'cannot digest this' });
    await until('it is tried again', async () =>
      (await readAudit(system)).some(({ stage, decision }) => stage === 'lane' && decision === 'retried'),
    );
    await until('the lane is counted', async () => (await broken.metric('hookline_lane_records')) === waiting);
    expect(await broken.metric('hookline_partition_halted', { partition: 2 })).toBe(0);
    await broken.stop();

    const mended = await startProcessorHere(
      system,
      [repositoryActivity, { ...fail, run: () => Promise.resolve() }],
      settings,
    );
    await untilCaughtUp(system);
    await mended.stop();
    await expectEachOnceInOrder(system, sender.answers);
    expect(await countAudit(system, 'processed')).toBe(all);
  }, 120_000);
});
