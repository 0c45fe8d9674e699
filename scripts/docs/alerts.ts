import { metricsBehind, readRules, runbookAnchor, type Alert } from '../monitoring/rules.ts';

/** One row per alert, in the order of the files; what is told by several windows is one row. */
export function alertsMarkdown(): string {
  const { alerts } = readRules();
  const rows = [...new Set(alerts.map(({ alert }) => alert))].map((name) => {
    const rules = alerts.filter(({ alert }) => alert === name) as [Alert, ...Alert[]];
    const { summary, runbook_url: url } = rules[0].annotations;
    return `| \`${name}\` | ${severity(rules)} | ${summary} | ${link(url)} |`;
  });
  return ['| Alert | Severity | What it tells | What to do |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function severity(rules: readonly Alert[]): string {
  return rules
    .map(({ labels, for: after }) => {
      const window = labels.window ? `${labels.window} window, ` : '';
      return `${labels.severity} (${window}${after ? `after ${after}` : 'at once'})`;
    })
    .join(', ');
}

/** Metrics that wake nobody, by the part of the runbook whose trouble they explain. */
const EXPLAINING: Readonly<Record<string, string>> = {
  hookline_build_info: 'Where to look',
  hookline_effect_attempt_seconds: 'Effects wait',
  hookline_effect_queues: 'Effects wait',
  hookline_effects_in_flight: 'Effects wait',
  hookline_effects_queued: 'Effects wait',
  hookline_ingest_look_up_failures_total: 'Look-ups have stopped',
  hookline_ingest_look_up_seconds: 'Look-ups have stopped',
  hookline_ingest_looked_up_total: 'Look-ups have stopped',
  hookline_ingest_reading_bytes: 'Ingest answers 503',
  hookline_ingest_reading_requests: 'Ingest answers 503',
  hookline_ingest_request_seconds: 'Ingest answers 503',
  hookline_kafka_clients_lost_total: 'The group keeps rebalancing',
  hookline_lane_bytes: 'The lanes are full',
  hookline_lane_records: 'A repository waits in a lane',
  hookline_lanes_open: 'A repository waits in a lane',
  hookline_log_append_seconds: 'Ingest answers 503',
  hookline_log_batch_bytes: 'Ingest answers 503',
  hookline_log_batch_records: 'Ingest answers 503',
  hookline_log_queued_bytes: 'Ingest answers 503',
  hookline_log_queued_records: 'Ingest answers 503',
  hookline_records_total: 'The lag grows',
  hookline_relay_files_reloads_total: 'Changed routes are refused',
  hookline_relays: 'Relays lose their shards',
  hookline_shards_held: 'Relays lose their shards',
  hookline_shards_taken_total: 'Relays lose their shards',
  hookline_slice_records: 'The lag grows',
  hookline_slice_seconds: 'The lag grows',
  hookline_takeovers_total: 'The group keeps rebalancing',
  hookline_trace_spans_total: 'A dependency is away',
};

/** Where the runbook speaks of a metric: a link for each alert that asks for it, none twice, or for what it explains. */
export function runbookLinks(metric: string): string {
  const { alerts, recordings } = readRules();
  const waking = alerts
    .filter(({ expr }) => metricsBehind(expr, recordings).includes(metric))
    .map((alert) => `#${runbookAnchor(alert)}`);
  const explained = EXPLAINING[metric];
  const anchors = [...new Set([...waking, ...(explained ? [`#${anchorOf(explained)}`] : [])])];
  return anchors.map((anchor) => link(anchor)).join(', ');
}

/** Our metrics that a text names. */
export function metricsOf(text: string): string[] {
  return text.match(/\bhookline_[a-z_]+/g) ?? [];
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

function link(url: string): string {
  const anchor = url.slice(url.indexOf('#') + 1);
  return `[${anchor.replaceAll('-', ' ')}](runbook.md#${anchor})`;
}
