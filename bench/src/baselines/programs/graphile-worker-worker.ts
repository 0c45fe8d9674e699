// Graphile Worker as its page on performance has it: 24 jobs at once, fetched 500 at a time, completed in batches. Completion
// comes after the transaction of the job, and so a job can run twice: its claim makes the second one do nothing.
import { Logger, run } from 'graphile-worker';
import { CLAIM_AND_COUNT, claimValues, type QueuedDelivery } from '../claim-deliveries.ts';
import { QUEUE } from '../queues.ts';
import '../../programs/leave-usage.ts';

const runner = await run({
  preset: {
    worker: {
      connectionString: process.env['HOOKLINE_DATABASE_URL'] ?? '',
      concurrentJobs: 24,
      maxPoolSize: 25,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      logger: new Logger(() => () => {}),
    },
  },
  noHandleSignals: true,
  taskList: {
    async [QUEUE](payload, { withPgClient }) {
      const values = claimValues([payload as QueuedDelivery]);
      await withPgClient((client) => client.query({ name: 'claim', text: CLAIM_AND_COUNT, values }));
    },
  },
});
process.once('SIGTERM', () => void runner.stop().then(() => process.exit(0)));
await runner.promise;
