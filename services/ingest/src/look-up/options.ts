import { databaseSecurityOptions, option } from '@hookline/runtime';

/** Settings of the look-up of deliveries before they are appended. */
export const lookUpOptions = {
  databaseUrl: option.optionalUrl({
    env: 'HOOKLINE_DATABASE_URL',
    help:
      'PostgreSQL database in which deliveries are looked up before they are appended, so that what has been ' +
      'processed is answered at once. Not set: none is looked up. Ingest works without it, and while it is away.',
    schemes: ['postgresql', 'postgres'],
    secret: true,
  }),
  ...databaseSecurityOptions,
  lookUpTimeoutMs: option.duration({
    env: 'HOOKLINE_INGEST_LOOK_UP_TIMEOUT_MS',
    help: 'How long a delivery waits for its look-up; then it is appended without.',
    min: 10,
    max: 1_000,
    default: 250,
  }),
  duplicateStatus: option.choice({
    env: 'HOOKLINE_DUPLICATE_STATUS',
    help:
      'Status of the answer to a delivery that has been processed already. GitHub shows 409 as failed, and what ' +
      'redelivers failed deliveries would come again for ever; for that, 200.',
    choices: ['409', '200'],
    default: '409',
  }),
};
