import { runService } from '@hookline/runtime';
import { createProcessor } from './create-processor.ts';
import { processorSettings } from './processor-settings.ts';

await runService({
  name: 'hookline-processor',
  description: 'Reads deliveries from the log and runs their handlers, each once and in order per repository.',
  ...processorSettings,
  create: (context) => createProcessor(context),
});
