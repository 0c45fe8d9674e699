import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { findPrometheus } from '../../packages/local-stack/src/index.ts';
import { ANSWERS } from '../../services/ingest/src/answers.ts';
import { root } from '../tools.ts';
import { metricsBehind, readRules, ruleFiles } from './rules.ts';

const found = await findPrometheus();
if (!found.success) console.warn(`The rules were not run by promtool: ${found.reason}.`);

interface RuleTest {
  name: string;
  promql_expr_test: { expr: string; eval_time: string; exp_samples?: { labels: string }[] }[];
}

const testFiles = globSync('tests/monitoring/rules/*.test.yaml', { cwd: root }).toSorted();
const tests = testFiles.flatMap(
  (path) => (parse(readFileSync(join(root, path), 'utf8')) as { tests: RuleTest[] }).tests,
);
const { alerts, recordings } = readRules();

/** Alerts that a test expects to fire, by name and window. */
function fired({ promql_expr_test: asked }: RuleTest): string[] {
  const labels = asked.flatMap(({ exp_samples: samples = [] }) => samples.map((sample) => sample.labels));
  return labels.flatMap((text) => {
    const [, name] = /alertname="(\w+)"/.exec(text) ?? [];
    return name === undefined ? [] : [`${name} ${/window="(\w+)"/.exec(text)?.[1] ?? ''}`.trim()];
  });
}

/** Metrics that a test gives, and whether it ever expects that no alert, or none of some kind, is there. */
const isQuiet = ({ promql_expr_test: asked }: RuleTest): boolean =>
  asked.some(({ expr, exp_samples: samples = [] }) => expr.startsWith('ALERTS') && samples.length === 0);

describe('the rules of Prometheus', () => {
  (found.success ? it : it.skip)('are what promtool takes, and each test of them holds', async () => {
    const promtool = (found as Extract<typeof found, { success: true }>).programs.promtool;
    const run = promisify(execFile);
    await run(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', ...ruleFiles()]);
    const ran = await Promise.all(testFiles.map((path) => run(promtool, ['test', 'rules', path], { cwd: root })));
    expect(ran.map(({ stdout }) => stdout.includes('SUCCESS'))).toEqual(testFiles.map(() => true));
  });

  // An alert that nobody has seen fire may never; one that nobody has seen quiet may always.
  it('have a test for each alert in which it fires, and one in which there is cause for it, and it does not', () => {
    const all = alerts.map(({ alert, labels }) => `${alert} ${labels.window ?? ''}`.trim());
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((alert) => !tests.some((test) => fired(test).includes(alert)))).toEqual([]);
    const given = tests.filter(isQuiet).map((test) => JSON.stringify(test));
    const quiet = alerts.filter(({ expr }) =>
      given.some((test) => metricsBehind(expr, recordings).some((metric) => test.includes(metric))),
    );
    expect(alerts.filter((alert) => !quiet.includes(alert)).map(({ alert }) => alert)).toEqual([]);
  });

  it('have a severity, a summary and what to do, and lead to the runbook', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect([alert, ['critical', 'warning', 'info'].includes(labels.severity)]).toEqual([alert, true]);
      expect(alert).toMatch(/^Hookline[A-Z]\w+$/);
      expect(annotations.summary.length).toBeGreaterThan(10);
      expect(annotations.description.length).toBeGreaterThan(annotations.summary.length);
      expect(annotations.runbook_url).toMatch(/^docs\/operating\/runbook\.md#[a-z0-9-]+$/);
    }
  });

  it('name recorded values as level:metric:operations', () => {
    expect(
      recordings.map(({ record }) => record).filter((name) => !/^[a-z_]+:hookline_[a-z_]+:\w+$/.test(name)),
    ).toEqual([]);
  });

  // Without the label two installations in a namespace make up for each other: what one does not do, the other does.
  it('tell installations apart wherever they group', () => {
    const groupings = [...alerts, ...recordings].flatMap(({ expr }) =>
      [...expr.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g)].map(([, labels]) => labels as string),
    );
    expect(groupings.length).toBeGreaterThan(50);
    expect(groupings.filter((labels) => !/^namespace, installation(, \w+)*$/.test(labels))).toEqual([]);
    const aggregations = [...alerts, ...recordings].filter(({ expr }) =>
      /\b(?:sum|min|max|group|count|avg)\s*\(/.test(expr),
    );
    expect(aggregations).toEqual([]);
  });

  // A new answer of ingest must count as an error, a rejection, or as answered: not as nothing.
  it('count each answer of ingest as what it is', () => {
    const errors = codesOf('installation:hookline_accept_errors:ratio_rate5m', 0);
    const answered = codesOf('installation:hookline_accept_errors:ratio_rate5m', 1);
    const rejections = codesOf('installation:hookline_rejections:rate10m', 0);
    for (const [code, { status }] of Object.entries(ANSWERS)) {
      const isError = status >= 500;
      const isAnswered = status < 300 || status === 409 || isError;
      expect([code, errors.test(code), answered.test(code), rejections.test(code)]).toEqual([
        code,
        isError,
        isAnswered,
        !isAnswered,
      ]);
    }
  });

  /** The nth pattern of codes in a rule, anchored as Prometheus does. */
  function codesOf(record: string, nth: number): RegExp {
    const { expr } = recordings.find((rule) => rule.record === record) as { expr: string };
    return new RegExp(`^(?:${[...expr.matchAll(/code=~"([^"]+)"/g)][nth]?.[1] ?? ''})$`);
  }
});
