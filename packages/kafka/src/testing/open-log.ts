import { createLogger, createMetrics, type Logger, type Metrics } from '@hookline/runtime';
import {
  createDeliveryLog,
  type DeliveryLogOverrides,
  type DeliveryLogOptions,
} from '../append/create-delivery-log.ts';
import type { AppendResult, DeliveryLog, LogRecord } from '../append/delivery-log.ts';

/** A started log writer with what a test asks of it. */
export interface OpenLog extends DeliveryLog {
  metrics: Metrics;
  /** Appends a text to a partition. */
  put(partition: number, text: string): Promise<AppendResult>;
  /** Sum of a metric over its labels, or over those that have these. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
}

/** Deadlines are tested where they are given; elsewhere a busy machine must not fail a test. */
const PATIENT_MS = 40_000;

export const silent: Logger = createLogger({ service: 'test', level: 'silent' });

export async function openLog(options: DeliveryLogOptions, overrides: DeliveryLogOverrides = {}): Promise<OpenLog> {
  const metrics = createMetrics({ service: 'test' });
  const log = createDeliveryLog({ deadlineMs: PATIENT_MS, ...options }, { logger: silent, metrics }, overrides);
  await log.start();
  return {
    ...log,
    metrics,
    put: (partition, text) => log.append(logRecord(partition, text)),
    async metric(name, labels = {}) {
      const all = await metrics.registry.getMetricsAsJSON();
      const values = all.flatMap((metric) => (metric.name === name ? (metric.values as MetricValue[]) : []));
      const wanted = values.filter((value) =>
        Object.entries(labels).every(([label, is]) => value.labels[label] === is),
      );
      return wanted.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

export function logRecord(partition: number, text: string | Buffer): LogRecord {
  return { key: `github.com/repository/${partition}`, partition, value: Buffer.from(text), headers: { guid: 'test' } };
}

interface MetricValue {
  labels: Record<string, string>;
  value: number;
}
