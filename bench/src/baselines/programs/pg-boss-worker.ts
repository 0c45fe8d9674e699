// A worker of pg-boss at its best for a backlog: whole batches, dedup, effects and completion of each in one transaction, and
// the next one fetched at once.
import { PgBoss } from 'pg-boss';
import { CLAIM_AND_COUNT, claimValues, type QueuedDelivery } from '../claim-deliveries.ts';
import { QUEUE } from '../queues.ts';
import '../../programs/leave-usage.ts';

const WORKERS = 4;

const boss = new PgBoss({ connectionString: process.env['HOOKLINE_DATABASE_URL'] ?? '', max: 3 * WORKERS });
boss.on('error', (error) => {
  throw error;
});
await boss.start();
process.once('SIGTERM', () => void boss.stop({ graceful: true }).then(() => process.exit(0)));

const settings = {
  batchSize: Number(process.env['BENCH_BATCH']),
  localConcurrency: WORKERS,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  transactional: true,
} as const;
await boss.work<QueuedDelivery, void, typeof settings>(QUEUE, settings, async (jobs, tx) => {
  await tx.executeSql(CLAIM_AND_COUNT, claimValues(jobs.map(({ data }) => data)));
});
