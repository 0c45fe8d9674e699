import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What every kind of metric needs. `name` is complete: `hookline_<what>_<base unit>[_total]`. */
export interface MetricSettings<Label extends string> {
  name: string;
  help: string;
  labelNames?: readonly Label[];
}

export interface HistogramSettings<Label extends string> extends MetricSettings<Label> {
  /** Upper bounds in the unit of the name, ascending. Default: prom-client's, 5 ms to 10 s. */
  buckets?: readonly number[];
}

/**
 * The metrics of one process. Each method throws on a name or label that breaks our rules, so that a dashboard can
 * rely on them: prefix `hookline_`, base units (seconds, bytes, ratio), `_total` on counters and on nothing else,
 * and no label whose values grow with the number of repositories, people or deliveries.
 */
export interface Metrics {
  registry: Registry;
  counter<Label extends string = never>(settings: MetricSettings<Label>): Counter<Label>;
  gauge<Label extends string = never>(settings: MetricSettings<Label>): Gauge<Label>;
  histogram<Label extends string = never>(settings: HistogramSettings<Label>): Histogram<Label>;
}

/**
 * @param settings.version what `hookline_build_info` says, beside the service and Node's version
 */
export function createMetrics(settings: { service: string; version?: string }): Metrics {
  const registry = new Registry();
  // Node's own metrics keep the names that the whole field gives them (process_*, nodejs_*): public dashboards and
  // alerts work unchanged, and the prefix stays the sign of what is ours.
  collectDefaultMetrics({ register: registry });
  const metrics: Metrics = {
    registry,
    counter: (counter) => new Counter({ ...checked('counter', counter), registers: [registry] }),
    gauge: (gauge) => new Gauge({ ...checked('gauge', gauge), registers: [registry] }),
    histogram: ({ buckets, ...histogram }) =>
      new Histogram({
        ...checked('histogram', histogram),
        ...(buckets && { buckets: [...buckets] }),
        registers: [registry],
      }),
  };
  metrics
    .gauge({
      name: 'hookline_build_info',
      help: 'Always 1; its labels say what runs.',
      labelNames: ['service', 'version', 'node'],
    })
    .set({ service: settings.service, version: settings.version ?? 'unknown', node: process.version }, 1);
  return metrics;
}

const NAME = /^hookline(_[a-z][a-z0-9]*)+$/;
const OTHER_UNITS =
  /_(nanoseconds|microseconds|milliseconds|millis|ns|us|ms|minutes|hours|days|kb|mb|gb|kilobytes|megabytes|kib|mib|percent)(_total)?$/;
const UNBOUNDED_LABELS = ['repository', 'guid', 'sender', 'key'];

function checked<Label extends string>(kind: 'counter' | 'gauge' | 'histogram', settings: MetricSettings<Label>) {
  const { name, labelNames = [] } = settings;
  const refuse = (rule: string): never => {
    throw new RangeError(`The ${kind} "${name}" ${rule}`);
  };
  if (!NAME.test(name)) refuse('must be called hookline_…, in lower-case words joined by underscores.');
  if (OTHER_UNITS.test(name)) refuse('must be in a base unit: seconds, bytes or a ratio.');
  if (kind === 'counter' && !name.endsWith('_total')) refuse('must end in _total, as every counter does.');
  if (kind !== 'counter' && /_(total|count|sum|bucket)$/.test(name)) {
    refuse('must not end in _total, _count, _sum or _bucket: these name counters and parts of histograms.');
  }
  for (const label of labelNames) {
    if (label.split('_').some((word) => UNBOUNDED_LABELS.includes(word))) {
      refuse(`must not have the label "${label}": one series per value of it would be without bound.`);
    }
  }
  return { name, help: settings.help, labelNames: [...labelNames] };
}
