import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../tools.ts';

/** One alert of the rules; a budget has several of one name, by the window that they look at. */
export interface Alert {
  /** The file that it is in, without `.yaml`. */
  file: string;
  alert: string;
  expr: string;
  /** How long it must hold before it fires; absent: at once. */
  for?: string;
  labels: { severity: 'critical' | 'warning' | 'info'; window?: string };
  annotations: { summary: string; description: string; runbook_url: string };
}

export interface Recording {
  record: string;
  expr: string;
}

interface RuleFile {
  groups: { name: string; rules: (Omit<Alert, 'file'> | Recording)[] }[];
}

const RULES = 'infra/helm/hookline/files/rules';
/** Which part of the day's work they are about, in the order of the data. */
const ORDER = ['recording', 'ingest', 'processor', 'relay', 'services'];

/** Every file of rules, as paths that Prometheus takes. */
export const ruleFiles = (): string[] =>
  globSync(`${RULES}/*.yaml`, { cwd: root })
    .toSorted((one, other) => rank(one) - rank(other) || one.localeCompare(other))
    .map((path) => join(root, path));

export function readRules(): { alerts: Alert[]; recordings: Recording[] } {
  const rules = ruleFiles().flatMap((path) => {
    const { groups } = parse(readFileSync(path, 'utf8')) as RuleFile;
    return groups.flatMap((group) => group.rules.map((rule) => ({ file: basename(path, '.yaml'), ...rule })));
  });
  return {
    alerts: rules.filter((rule): rule is Alert => 'alert' in rule),
    recordings: rules.filter((rule): rule is Recording & { file: string } => 'record' in rule),
  };
}

/** The anchor of the runbook that an alert leads to. */
export function runbookAnchor({ annotations }: Alert): string {
  return annotations.runbook_url.replace('docs/operating/runbook.md#', '');
}

/** Our metrics that an expression asks for, those behind recorded values included; parts of histograms by their name. */
export function metricsBehind(expr: string, recordings: readonly Recording[] = readRules().recordings): string[] {
  const recorded = recordings.filter(({ record }) => namesIn(expr).includes(record));
  const raw = namesIn(expr).filter((name) => name.startsWith('hookline_'));
  const names = [
    ...raw.map((name) => name.replace(/(?<=_seconds|_bytes|_records)_(bucket|count|sum)$/, '')),
    ...recorded.flatMap((rule) => metricsBehind(rule.expr, recordings)),
  ];
  return [...new Set(names)].toSorted();
}

/** Names of series in an expression, ours and recorded ones. */
export function namesIn(expr: string): string[] {
  const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;
  return [...new Set(expr.replaceAll(quoted, '').match(/\b(?:\w+:)?hookline_\w+(?::\w+)?/g))];
}

function rank(path: string): number {
  return ORDER.indexOf(basename(path, '.yaml'));
}
