// The processor as in production, with crash points between its statements, links in its network, and the harness' handlers.
import { createProcessor, processorSettings } from '@hookline/processor';
import { runService } from '@hookline/runtime';
import { obeyHarness } from './control.ts';
import { crashingDatabase } from './crashing-database.ts';
import { createHandlers } from './handlers.ts';
import { routedSockets } from './routes.ts';

const control = obeyHarness();

await runService({
  name: 'hookline-processor',
  description: 'is the processor under the crash harness.',
  ...processorSettings,
  create: (context) =>
    createProcessor(context, {
      handlers: createHandlers(control),
      openSocket: routedSockets(),
      aroundDatabase: (database) => crashingDatabase(database, control),
    }),
});
