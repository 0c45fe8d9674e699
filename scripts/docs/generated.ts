import {
  createLogger,
  createMetrics,
  optionsMarkdown,
  systemClock,
  type Metrics,
} from '../../packages/runtime/src/index.ts';
import { partitionOptions, sendOptions, topicOptions } from '../../packages/cli/src/settings.ts';
import { retentionRunOptions } from '../../packages/cli/src/retention-settings.ts';
import { CODES } from '../../packages/cli/src/verify/codes.ts';
import { createReadyGauge } from '../../packages/runtime/src/ready-gauge.ts';
import { createSpanCounter } from '../../packages/runtime/src/tracing/span-counter.ts';
import { createAppendEvents } from '../../packages/kafka/src/append/events.ts';
import { ingestOptions } from '../../services/ingest/src/config.ts';
import { createIngestEvents, createReadingGauges } from '../../services/ingest/src/events.ts';
import { createLookUpEvents } from '../../services/ingest/src/look-up/events.ts';
import { processorOptions } from '../../services/processor/src/config.ts';
import { createDatabaseGauges } from '../../services/processor/src/database-gauges.ts';
import { createProcessorEvents } from '../../services/processor/src/events.ts';
import { relayOptions } from '../../services/relay/src/config.ts';
import { createRelayEvents } from '../../services/relay/src/events.ts';
import { alertsMarkdown, runbookLinks } from './alerts.ts';
import { curveParts } from './curves.ts';
import { exampleParts } from './examples.ts';
import { repetitionsMarkdown } from './repetitions.ts';
import { unitOf } from './units.ts';
import { valuesTable } from '../helm/values-table.ts';

/** The parts of the documentation that are made of the code, by the name that their markers carry. */
export async function generatedParts(): Promise<ReadonlyMap<string, string>> {
  const logger = createLogger({ service: 'docs', level: 'silent' });
  const ingest = createMetrics({ service: 'docs' });
  createIngestEvents({ logger, metrics: ingest, clock: systemClock });
  createReadingGauges(ingest);
  createLookUpEvents({ logger, metrics: ingest, clock: systemClock });
  createAppendEvents(logger, ingest);
  const processor = createMetrics({ service: 'docs' });
  createProcessorEvents(logger, processor, systemClock);
  createDatabaseGauges(processor, logger, 0);
  const relay = createMetrics({ service: 'docs' });
  createRelayEvents(logger, relay, systemClock);
  for (const metrics of [ingest, processor, relay]) {
    createReadyGauge(metrics);
    createSpanCounter(metrics);
  }
  return new Map([
    ['settings of ingest', optionsMarkdown(ingestOptions)],
    ['settings of processor', optionsMarkdown(processorOptions)],
    ['settings of relay', optionsMarkdown(relayOptions)],
    ['settings of hookline topics', optionsMarkdown(topicOptions)],
    ['settings of hookline partitions', optionsMarkdown(partitionOptions)],
    ['settings of hookline send', optionsMarkdown(sendOptions)],
    ['settings of hookline retention', optionsMarkdown(retentionRunOptions)],
    ['codes of hookline verify', codesMarkdown(CODES)],
    ['metrics of ingest', await metricsMarkdown(ingest)],
    ['metrics of processor', await metricsMarkdown(processor)],
    ['metrics of relay', await metricsMarkdown(relay)],
    ['alerts', alertsMarkdown()],
    ['values of the Helm chart', valuesTable()],
    ['events that can repeat', repetitionsMarkdown()],
    ...exampleParts(),
    ...curveParts(),
  ]);
}

/** One row per code, in the order of the alphabet. */
function codesMarkdown(codes: ReadonlyMap<string, string>): string {
  const rows = [...codes].toSorted(([one], [other]) => one.localeCompare(other));
  return [
    '| Code | What it means |',
    '|---|---|',
    ...rows.map(([code, means]) => `| \`${code}\` | ${means} |`),
    '',
  ].join('\n');
}

/** One row per metric of ours, sorted by name; Node's own (`process_*`, `nodejs_*`) are not listed. */
async function metricsMarkdown({ registry }: Metrics): Promise<string> {
  const described = (await registry.getMetricsAsJSON()) as unknown as { name: string; help: string; type: string }[];
  const rows = described
    .filter(({ name }) => name.startsWith('hookline_'))
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map(({ name, help, type }) => {
      const { labelNames } = registry.getSingleMetric(name) as unknown as { labelNames: string[] };
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${unitOf(name)} | ${labels} | ${help.replaceAll('|', '\\|')} | ${runbookLinks(name)} |`;
    });
  const head = ['| Metric | Type | Unit | Labels | What it counts | Trouble |', '|---|---|---|---|---|---|'];
  return [...head, ...rows, ''].join('\n');
}

const BEGIN = /^<!-- generated: (.+) -->$/;
const END = '<!-- end -->';

/**
 * The page with everything between `<!-- generated: NAME -->` and `<!-- end -->` made anew; all else stays as it was
 * written. Throws on a name that is not known and on a marker without its end.
 */
export function withGenerated(page: string, parts: ReadonlyMap<string, string>): string {
  const lines: string[] = [];
  let open: string | undefined;
  for (const line of page.split('\n')) {
    const name = BEGIN.exec(line)?.[1];
    if (name !== undefined) {
      const part = parts.get(name);
      if (part === undefined)
        throw new Error(`No generated part is called "${name}"; there are: ${[...parts.keys()].join(', ')}.`);
      lines.push(line, '', part.trimEnd(), '', END);
      open = name;
    } else if (open === undefined) lines.push(line);
    else if (line === END) open = undefined;
  }
  if (open !== undefined) throw new Error(`The part "${open}" has no "${END}".`);
  return lines.join('\n');
}
