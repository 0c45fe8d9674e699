import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import type { Handler } from '@hookline/handlers';
import { repositoryActivity } from '@hookline/processor';
import { until } from '@hookline/test-support';
import { startProcessorHere } from './system/processor-here.ts';
import { startSystem, type IngestProcess, type System } from './system/start-system.ts';
import { githubDelivery, repositoriesByPartition, type GithubDelivery } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';
import { expectEachOnceInOrder } from './verify/expect-each-once-in-order.ts';
import { untilCaughtUp } from './verify/read-state.ts';

const PARTITIONS = 6;
const HANG_MS = 5000;

let system: System;
let ingest: IngestProcess;
const sender = createSender();

beforeAll(async () => {
  system = await startSystem({ partitions: PARTITIONS });
  ingest = await system.startIngest();
});
afterAll(async () => {
  sender.close();
  await system.stop();
});

async function post(deliveries: readonly GithubDelivery[]): Promise<void> {
  await sender.postAll(
    deliveries.map((delivery) => ({ delivery, url: ingest.url })),
    8,
  );
}

/** Milliseconds from the arrival of each of these deliveries to the transaction that took it; those still waiting have none. */
async function waits(deliveries: readonly GithubDelivery[]): Promise<number[]> {
  const { rows } = await system.database.query<{ ms: number }>(
    `select extract(epoch from recorded_at - received_at)::float8 * 1000 as ms
       from hookline.audit_log where guid = any($1::uuid[])`,
    [deliveries.map(({ guid }) => guid)],
  );
  return rows.map(({ ms }) => ms);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

describe('a handler that hangs', () => {
  // All partitions come from one broker, by one fetch loop: were it ever to wait for a slice, one handler would stop
  // them all. The queue of the hanging partition is made to run over, too, since that is what pauses fetching.
  it('holds up its own partition only', async () => {
    const [stuck, ...others] = repositoriesByPartition(PARTITIONS, partitionOf) as [number, ...number[]];
    const hanging = githubDelivery(stuck);
    const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const hang: Handler = {
      kind: 'delivery',
      name: 'hang',
      on: ['*'],
      async run({ guid }) {
        if (guid !== hanging.guid) return;
        begun.resolve();
        await released.promise;
      },
    };
    const processor = await startProcessorHere(system, [repositoryActivity, hang], { HOOKLINE_QUEUE_RECORDS: '20' });
    const round = async (): Promise<number[]> => {
      const deliveries = Array.from({ length: 20 }, () =>
        others.map((repository) => githubDelivery(repository)),
      ).flat();
      await post(deliveries);
      return until('all other partitions have committed', async () => {
        const found = await waits(deliveries);
        return found.length === deliveries.length && found;
      });
    };
    try {
      await round();
      const before = await round();

      await post([hanging]);
      await begun.promise;
      const hangsSince = performance.now();
      const behind = Array.from({ length: 100 }, () => githubDelivery(stuck));
      await post(behind);
      const during: number[] = [];
      while (performance.now() - hangsSince < HANG_MS) during.push(...(await round()));
      expect(await waits([hanging, ...behind])).toEqual([]);
      // Roomy, for a busy machine: whatever waited for the handler would have waited for seconds.
      expect(median(during)).toBeLessThan(median(before) * 3 + 250);

      released.resolve();
      await untilCaughtUp(system);
      await expectEachOnceInOrder(system, sender.answers);
    } finally {
      released.resolve();
      await processor.stop();
    }
  }, 120_000);
});
