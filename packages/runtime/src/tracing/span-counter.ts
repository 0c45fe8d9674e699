import type { Metrics } from '../metrics.ts';

/** Counts spans by what became of them; there from the start, with zeros, where traces are on. */
export function createSpanCounter(metrics: Metrics) {
  const spans = metrics.counter({
    name: 'hookline_trace_spans_total',
    help: 'Spans that were recorded, and what became of them, with traces on. What is neither sent nor failed was dropped, or waits.',
    labelNames: ['outcome'],
  });
  for (const outcome of ['recorded', 'sent', 'failed']) spans.inc({ outcome }, 0);
  return spans;
}
