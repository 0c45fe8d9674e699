// The processor of production, with handlers of the demo's own beside the built-in one.
import { createProcessor, processorSettings, repositoryActivity } from '@hookline/processor';
import { runService } from '@hookline/runtime';
import { bot } from './bot.ts';
import { deployments } from './deployments.ts';
import { releases } from './releases.ts';

await runService({
  name: 'hookline-processor',
  description: 'is the processor with the handlers of the demo.',
  ...processorSettings,
  create: (context) => createProcessor(context, { handlers: [repositoryActivity, deployments, releases, ...bot] }),
});
