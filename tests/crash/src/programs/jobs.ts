// The processor of jobs as in production, on the topic that relays append them to.
import { handlers } from '@hookline/handlers';
import { createProcessor, processorSettings } from '@hookline/processor';
import { runService } from '@hookline/runtime';
import { obeyHarness } from './control.ts';
import { crashingDatabase } from './crashing-database.ts';
import { routedSockets } from './routes.ts';
import { JOB } from './wanted-effects.ts';

const control = obeyHarness();

/** Notes each run: nothing in that table forbids a second one. */
const jobs = handlers(({ onJob }) => {
  onJob<{ about: string }>(JOB, async ({ delivery, payload, db }) => {
    await db.query(
      `insert into crash.job_runs (effect_id, ordering_key, about, written_as)
       values ($1, $2, $3, current_setting('application_name'))`,
      [delivery.guid, delivery.orderingKey, payload.about],
    );
    await control.reach('in-handler');
  });
});

await runService({
  name: 'hookline-processor',
  description: 'is the processor of jobs under the crash harness.',
  ...processorSettings,
  create: (context) =>
    createProcessor(context, {
      handlers: jobs,
      openSocket: routedSockets(),
      aroundDatabase: (database) => crashingDatabase(database, control),
    }),
});
