import { option } from '@hookline/runtime';

/** How lanes are run. How much may wait in them is the slices' concern, which fill them. */
export const laneOptions = {
  laneConcurrency: option.integer({
    env: 'HOOKLINE_LANE_CONCURRENCY',
    help: 'Lanes that run at once in this process, each in a database connection of its own; must be below the pool size.',
    min: 1,
    max: 100,
    default: 4,
  }),
  laneRetryMinMs: option.duration({
    env: 'HOOKLINE_LANE_RETRY_MIN_MS',
    help: 'Wait before the first retry of a record that failed; it doubles with each failure, with jitter over its upper half.',
    min: 1,
    default: 1000,
  }),
  laneRetryMaxMs: option.duration({
    env: 'HOOKLINE_LANE_RETRY_MAX_MS',
    help: 'Longest wait between two retries of a record; one that is put off without being counted waits at most 30 s.',
    min: 1,
    default: 300_000,
  }),
  laneMaxAttempts: option.integer({
    env: 'HOOKLINE_LANE_MAX_ATTEMPTS',
    help: 'Counted failures after which a record has its last run, where its handler does not say otherwise.',
    min: 1,
    max: 1000,
    default: 10,
  }),
  laneMaxKills: option.integer({
    env: 'HOOKLINE_LANE_MAX_KILLS',
    help: 'Processes that may die of a record before it has its last run.',
    min: 1,
    max: 100,
    default: 3,
  }),
};
