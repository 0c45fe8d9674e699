import { runService } from '@hookline/runtime';
import { processorOptions } from './config.ts';
import { createProcessor } from './create-processor.ts';
import { stuckProblems } from './liveness/liveness-options.ts';

await runService({
  name: 'hookline-processor',
  description: 'Reads deliveries from the log and runs their handlers, each once and in order per repository.',
  options: processorOptions,
  validate: stuckProblems,
  create: (context) => createProcessor(context),
});
