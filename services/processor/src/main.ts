import { runService } from '@hookline/runtime';
import { createProcessor } from './create-processor.ts';
import { processorSettings } from './processor-settings.ts';
import { createUsersHandlers } from './users-handlers.ts';

const handlers = createUsersHandlers();
await runService({
  name: 'hookline-processor',
  description: 'Reads deliveries from the log and runs their handlers, each once and in order per repository.',
  ...processorSettings,
  validate: async (config) => [...processorSettings.validate(config), ...(await handlers.load(config))],
  create: (context) => createProcessor(context, { handlers: handlers.all() }),
});
