// The processor as in production, with a handler beside the built-in one that fails where it is told to, and with what
// it measures kept in full: `hookline_accept_to_commit_seconds` has buckets that are too wide for a ratio.
import { readFileSync } from 'node:fs';
import type { DeliveryHandler } from '@hookline/handlers';
import { createProcessor, processorSettings, repositoryActivity } from '@hookline/processor';
import { runService, type Metrics } from '@hookline/runtime';
import { countCosts } from './count-costs.ts';
import { leaveOutcome } from './leave-outcome.ts';
import type { Outcome, ProcessorOrders } from './orders.ts';
import { recordSlices } from './record-slices.ts';

const orders = JSON.parse(readFileSync(process.env['BENCH_ORDERS_FILE'] ?? '', 'utf8')) as ProcessorOrders;
const failing = new Set(orders.failingKeys);
const latencies: Outcome['latencies'] = [];

const costs = orders.isPlain ? countCosts() : null;

leaveOutcome(orders.outcomeFile, () => ({ latencies, ...costs?.read() }));

const failsWhereTold: DeliveryHandler = {
  kind: 'delivery',
  name: 'fails-where-told',
  on: ['*'],
  run({ orderingKey }) {
    return failing.has(orderingKey) ? Promise.reject(new Error('This repository fails.')) : Promise.resolve();
  },
};

await runService({
  name: 'hookline-processor',
  description: 'is the processor as benches run it.',
  ...processorSettings,
  create(context) {
    if (orders.keepLatencies) keepLatencies(context.metrics);
    if (costs) {
      const record = orders.recordTo === null ? null : recordSlices(orders.recordTo);
      return createProcessor(context, { aroundDatabase: record ?? costs.aroundDatabase });
    }
    return createProcessor(context, { handlers: [repositoryActivity, failsWhereTold] });
  },
});

function keepLatencies(metrics: Metrics): void {
  const { histogram } = metrics;
  metrics.histogram = (settings) => {
    const made = histogram(settings);
    if (settings.name !== 'hookline_accept_to_commit_seconds') return made;
    const observe = made.observe.bind(made) as (value: number) => void;
    return Object.assign(made, {
      observe(seconds: number) {
        const ms = Math.round(seconds * 1000);
        latencies.push({ receivedAt: Date.now() - ms, ms });
        observe(seconds);
      },
    });
  };
}
