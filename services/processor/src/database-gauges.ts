import { readOldestEffect, readRangeBounds, type Database } from '@hookline/database';
import type { Logger, Metrics } from '@hookline/runtime';

/** Shows what only the database knows: every processor tells all of it, as of its last look. */
export interface DatabaseGauges {
  /** Looks; never rejects. A look that fails leaves what the last one saw. */
  tick(database: Database): Promise<void>;
}

/** @param horizonMs how long claims are kept at least: behind it the oldest range goes */
export function createDatabaseGauges(metrics: Metrics, logger: Logger, horizonMs: number): DatabaseGauges {
  const oldestEffect = metrics.gauge({
    name: 'hookline_outbox_oldest_timestamp_seconds',
    help: 'When the first effect was asked for that is not settled and not dead; 0: none waits.',
  });
  const from = metrics.gauge({
    name: 'hookline_ranges_from_timestamp_seconds',
    help: 'From when a table that is kept in ranges has rows: its oldest range begins there.',
    labelNames: ['table'],
  });
  const to = metrics.gauge({
    name: 'hookline_ranges_to_timestamp_seconds',
    help: 'Until when a table that is kept in ranges takes rows: its newest range ends there.',
    labelNames: ['table'],
  });
  metrics
    .gauge({
      name: 'hookline_horizon_seconds',
      help: 'How long a delivery that arrives again is known, at least (HOOKLINE_HORIZON_MS).',
    })
    .set(horizonMs / 1000);
  return {
    async tick(database) {
      try {
        const oldest = await readOldestEffect(database);
        oldestEffect.set(oldest === null ? 0 : oldest.getTime() / 1000);
        for (const bounds of await readRangeBounds(database)) {
          from.set({ table: bounds.table }, bounds.from / 1000);
          to.set({ table: bounds.table }, bounds.to / 1000);
        }
      } catch (err) {
        logger.info({ err }, 'the database was not looked at for its gauges; trying again');
      }
    },
  };
}
