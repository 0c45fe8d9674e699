import { connectionProblems, runService } from '@hookline/runtime';
import { graceProblems, ingestOptions, sourceProblems } from './config.ts';
import { createIngest } from './create-ingest.ts';

await runService({
  name: 'hookline-ingest',
  description: 'takes GitHub webhooks in, verifies them, and appends them to the log.',
  options: ingestOptions,
  validate: (config) => [...graceProblems(config), ...sourceProblems(config), ...connectionProblems(config)],
  create: (context) => createIngest(context),
});
