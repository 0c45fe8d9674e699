// The processor as in production, with a handler beside the built-in one that notes each of its runs in a table.
import type { DeliveryHandler } from '@hookline/handlers';
import { createProcessor, processorSettings, repositoryActivity } from '@hookline/processor';
import { runService } from '@hookline/runtime';
import { leaveOutcome } from './leave-outcome.ts';

const { BENCH_USAGE: file } = process.env;
if (file !== undefined) leaveOutcome(file);

const noteRuns: DeliveryHandler = {
  kind: 'delivery',
  name: 'note-runs',
  on: ['*'],
  async run({ orderingKey, guid }, { db }) {
    await db.query('insert into hookline_handlers.runs (guid, ordering_key) values ($1, $2)', [guid, orderingKey]);
  },
};

await runService({
  name: 'hookline-processor',
  description: 'is the processor as the redrive of benches runs it.',
  ...processorSettings,
  create: (context) => createProcessor(context, { handlers: [repositoryActivity, noteRuns] }),
});
