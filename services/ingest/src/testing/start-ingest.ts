import {
  createHealth,
  createLogger,
  createMetrics,
  type HealthReport,
  readConfig,
  systemClock,
} from '@hookline/runtime';
import { ingestOptions } from '../config.ts';
import { createIngest, type IngestOverrides } from '../create-ingest.ts';

export const SECRET = 'a secret of the tests';

/** One source named main, which takes all events. */
const MAIN_SOURCE = [{ name: 'main', secrets: [{ label: 'first', secret: SECRET }] }];

/** An ingest in this process. */
export interface RunningIngest {
  port: number;
  /** Lines that it has logged so far. */
  log: Record<string, unknown>[];
  ready(): HealthReport;
  /** The value of a metric, as `/metrics` would show it; 0 where it is not there yet. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
  stop(): Promise<void>;
}

export interface StartOptions {
  stack: { brokers: string[]; registryUrl: string };
  topic: string;
  partitions?: number;
  sources?: unknown;
  /** More settings, as environment variables. */
  settings?: Record<string, string>;
  overrides?: IngestOverrides;
}

/** Starts it on a free port, with a configuration read as a process would read it. */
export async function startIngest(options: StartOptions): Promise<RunningIngest> {
  const environment = ingestEnvironment(options);
  const read = readConfig(ingestOptions, environment);
  if (!read.success) throw new Error(read.errors.join('\n'));
  const log: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ service: 'ingest', level: read.config.logLevel, destination });
  const health = createHealth();
  const metrics = createMetrics({ service: 'ingest' });
  const ingest = createIngest(
    { config: read.config, logger, metrics, health, clock: systemClock },
    { environment, ...options.overrides },
  );
  await ingest.start();
  return {
    port: ingest.port(),
    log,
    ready: () => health.report().ready,
    async metric(name, labels = {}) {
      const values = (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];
      const found = values.find((value) => {
        return Object.entries(labels).every(([label, wanted]) => String(value.labels[label]) === wanted);
      });
      return found?.value ?? 0;
    },
    stop: () => ingest.stop(),
  };
}

/** The environment of an ingest on free ports of the loopback interface. */
export function ingestEnvironment({ stack, topic, partitions = 4, sources, settings }: StartOptions) {
  return {
    HOOKLINE_LOG_LEVEL: 'debug',
    HOOKLINE_OPERATIONS_HOST: '127.0.0.1',
    HOOKLINE_OPERATIONS_PORT: '0',
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: stack.registryUrl,
    HOOKLINE_TOPIC: topic,
    HOOKLINE_TOPIC_PARTITIONS: String(partitions),
    HOOKLINE_INGEST_HOST: '127.0.0.1',
    HOOKLINE_INGEST_PORT: '0',
    ...(settings?.['HOOKLINE_SOURCES_FILE'] === undefined && {
      HOOKLINE_SOURCES: JSON.stringify(sources ?? MAIN_SOURCE),
    }),
    ...settings,
  };
}
