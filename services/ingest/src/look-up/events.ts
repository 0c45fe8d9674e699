import type { Clock, Logger, Metrics } from '@hookline/runtime';
import { createLogSampling } from '../log-sampling.ts';

/** What happens to look-ups, one function per event: its log line and its metrics together. */
export interface LookUpEvents {
  /** A look-up, of one or of many deliveries, has ended, well or not. */
  lookUpEnded(seconds: number): void;
  lookUpFailed(error: unknown): void;
  /** It is known in time what is known of a delivery. */
  lookedUp(): void;
  /** A delivery goes on without that: the look-up has failed or was late, or nobody was asked. */
  notLookedUp(): void;
  /** Look-ups have failed several times in a row: deliveries no longer wait for them. */
  lookUpsStopped(): void;
  lookUpsResumed(): void;
}

export function createLookUpEvents(settings: { logger: Logger; metrics: Metrics; clock: Clock }): LookUpEvents {
  const { logger, metrics, clock } = settings;
  const sampling = createLogSampling({ perWindow: 1, windowMs: 10_000, clock });
  const durations = metrics.histogram({
    name: 'hookline_ingest_look_up_seconds',
    help: 'Time that a look-up of deliveries in the database took, well or not.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  });
  const failures = metrics.counter({
    name: 'hookline_ingest_look_up_failures_total',
    help: 'Look-ups that failed, or were given up.',
  });
  const deliveries = metrics.counter({
    name: 'hookline_ingest_looked_up_total',
    help: 'Deliveries by whether they were looked up in time before they were appended (no: it failed, was late, or look-ups had stopped).',
    labelNames: ['in_time'],
  });
  const stopped = metrics.gauge({
    name: 'hookline_ingest_look_ups_stopped',
    help: '1 while deliveries do not wait for look-ups, because these have failed several times in a row.',
  });
  return {
    lookUpEnded: (seconds) => durations.observe(seconds),
    lookedUp: () => deliveries.inc({ in_time: 'yes' }),
    notLookedUp: () => deliveries.inc({ in_time: 'no' }),
    lookUpFailed(error) {
      failures.inc();
      sampling.sample('', (heldBack) => {
        logger.warn({ err: error, heldBack }, 'look-up failed, its deliveries are taken without');
      });
    },
    lookUpsStopped() {
      stopped.set(1);
      logger.warn('look-ups stopped: every delivery is appended, known ones too');
    },
    lookUpsResumed() {
      stopped.set(0);
      logger.info('look-ups resumed');
    },
  };
}
