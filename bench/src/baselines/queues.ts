import { makeWorkerUtils } from 'graphile-worker';
import { PgBoss } from 'pg-boss';
import { payloadsOf, type PayloadSet } from '../load/payloads.ts';
import { newQueued, type QueuedDelivery } from './claim-deliveries.ts';

export const QUEUE = 'deliveries';
const AT_ONCE = 500;

/** Puts a delivery for each of the repositories into the queue, as its authors advise for many: in batches. */
export type FillQueue = (databaseUrl: string, repositories: Iterator<number>, set: PayloadSet) => Promise<void>;

export const fillPgBoss: FillQueue = async (databaseUrl, repositories, set) => {
  const boss = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false });
  await boss.start();
  await boss.createQueue(QUEUE);
  for (const batch of batches(repositories, set))
    await boss.insert(
      QUEUE,
      batch.map((data) => ({ data })),
    );
  await boss.stop({ graceful: true });
};

export const fillGraphileWorker: FillQueue = async (databaseUrl, repositories, set) => {
  const utils = await makeWorkerUtils({ connectionString: databaseUrl });
  await utils.migrate();
  for (const batch of batches(repositories, set)) {
    await utils.addJobs(batch.map((payload) => ({ identifier: QUEUE, payload })));
  }
  await utils.release();
};

function* batches(repositories: Iterator<number>, set: PayloadSet): Generator<QueuedDelivery[]> {
  const payloads = payloadsOf(set);
  let batch: QueuedDelivery[] = [];
  for (let next = repositories.next(); !next.done; next = repositories.next()) {
    if (batch.push(newQueued(next.value, payloads)) < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
