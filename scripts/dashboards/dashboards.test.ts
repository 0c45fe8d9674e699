import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { anchorOf } from '../docs/alerts.ts';
import { generatedParts } from '../docs/generated.ts';
import { headings } from '../docs/page.ts';
import { metricsBehind, namesIn, readRules } from '../monitoring/rules.ts';
import { root } from '../tools.ts';
import { DASHBOARDS, dashboardFiles } from './dashboards.ts';
import { toGrafana } from './to-grafana.ts';

interface PanelModel {
  id: number;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
}

const panels = DASHBOARDS.flatMap(({ name, rows }) =>
  rows.flatMap((row) => row.panels.map((panel) => ({ name, ...panel }))),
);
const expressions = panels.flatMap(({ queries }) => queries.map(({ expr }) => expr));

describe('the dashboards', () => {
  let metrics: string[] = [];
  beforeAll(async () => {
    const parts = await generatedParts();
    metrics = ['ingest', 'processor', 'relay'].flatMap((service) =>
      [...(parts.get(`metrics of ${service}`) ?? '').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name as string),
    );
  });

  it('are in their files as the code says: run `npm run docs` where they are not', () => {
    for (const [path, text] of dashboardFiles()) {
      expect([path, readFileSync(join(root, path), 'utf8') === text]).toEqual([path, true]);
    }
  });

  it('ask for metrics and recorded values that there are', () => {
    const { recordings } = readRules();
    const asked = expressions.flatMap((expr) => metricsBehind(expr, recordings));
    expect(asked.filter((name) => !metrics.includes(name))).toEqual([]);
    const recorded = expressions.flatMap(namesIn).filter((name) => name.includes(':'));
    expect(recorded.filter((name) => !recordings.some(({ record }) => record === name))).toEqual([]);
  });

  it('show only the chosen installations', () => {
    const unchosen = /(?:\b\w+:)?\bhookline_\w+(?::\w+)?(?![\w:{])/g;
    expect(expressions.flatMap((expr) => expr.match(unchosen) ?? [])).toEqual([]);
    const unbounded = /\{(?!namespace=~"\$namespace",installation=~"\$installation")/;
    expect(expressions.filter((expr) => unbounded.test(expr) || !expr.includes('{'))).toEqual([]);
  });

  it('lead each panel to its part of the runbook, with a unit and a description', () => {
    const anchors = headings(readFileSync(join(root, 'docs/operating/runbook.md'), 'utf8')).map(anchorOf);
    expect(panels.filter(({ runbook }) => !anchors.includes(runbook)).map(({ title }) => title)).toEqual([]);
    expect(panels.filter(({ description }) => !/^\S.+[.]$/.test(description)).map(({ title }) => title)).toEqual([]);
    // A metric in seconds is shown as seconds, one in bytes as bytes.
    const wrong = panels.filter(({ unit, queries }) =>
      queries.some(({ expr }) => /histogram_quantile.+_seconds_bucket/.test(expr) && unit !== 's'),
    );
    expect(wrong.map(({ title }) => title)).toEqual([]);
  });

  // Grafana moves what overlaps, and renumbers what has no id of its own: links to panels would break.
  it('have panels that neither overlap nor share an id', () => {
    for (const dashboard of DASHBOARDS) {
      const { panels: placed } = toGrafana(dashboard) as { panels: PanelModel[] };
      expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length);
      const cells = placed.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(placed.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
    }
    expect(new Set(DASHBOARDS.map(({ name }) => name)).size).toBe(DASHBOARDS.length);
  });
});
