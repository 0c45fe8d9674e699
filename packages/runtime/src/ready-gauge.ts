import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

/** Shows what `/readyz` says, as of each call: call it before each scrape. */
export function createReadyGauge(metrics: Metrics): (health: Health) => void {
  const ready = metrics.gauge({
    name: 'hookline_ready',
    help: '1: the process can do its work now, as /readyz says; 0: it cannot.',
  });
  return (health) => ready.set(health.report().ready.ok ? 1 : 0);
}
