import type { Handler } from '@hookline/handlers';
import { createProcessor, processorOptions } from '@hookline/processor';
import { createHealth, createLogger, createMetrics, readConfig, systemClock } from '@hookline/runtime';
import type { LogLine } from '@hookline/test-support';
import type { System } from './start-system.ts';

/** A processor in this process, with handlers of the test's own. */
export interface ProcessorHere {
  log: LogLine[];
  /** The value of a metric; undefined where it is not there yet. */
  metric(name: string, labels?: Record<string, string | number>): Promise<number | undefined>;
  /** Safe to call twice; the system's stop does it, too. */
  stop(): Promise<void>;
}

/** Starts one, with a configuration read as a process would read it. */
export async function startProcessorHere(
  system: System,
  handlers: Handler[],
  settings: Record<string, string> = {},
): Promise<ProcessorHere> {
  const read = readConfig(processorOptions, { ...system.environment, ...settings });
  if (!read.success) throw new Error(read.errors.join('\n'));
  const log: LogLine[] = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line) as LogLine) };
  const metrics = createMetrics({ service: 'processor' });
  const processor = createProcessor(
    {
      config: read.config,
      logger: createLogger({ service: 'processor', level: 'info', destination }),
      metrics,
      health: createHealth(),
      clock: systemClock,
    },
    { handlers },
  );
  await processor.start();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= processor.stop());
  system.defer(stop);
  return {
    log,
    async metric(name, labels = {}) {
      const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] };
      const wanted = Object.entries(labels);
      return values.find((value) => wanted.every(([label, is]) => String(value.labels[label]) === String(is)))?.value;
    },
    stop,
  };
}
