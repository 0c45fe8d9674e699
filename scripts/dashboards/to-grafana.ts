import type { Dashboard, Panel } from './spec.ts';

/** Of Grafana's model of dashboards; newer ones migrate it when it is loaded. */
const SCHEMA_VERSION = 39;
const COLUMNS = 24;
const SIZES = { stat: { w: 4, h: 4 }, graph: { w: 8, h: 8 } } as const;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** What Grafana reads, one dashboard: a file that is imported, provisioned or mounted as it is. */
export function toGrafana({ name, title, description, rows }: Dashboard): object {
  let id = 0;
  let y = 0;
  const panels = rows.flatMap((row) => {
    const header = {
      id: ++id,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    };
    y += 1;
    let x = 0;
    let height = 0;
    const placed = row.panels.map((panel) => {
      const { w, h } = SIZES[panel.kind];
      if (x + w > COLUMNS) {
        x = 0;
        y += height;
        height = 0;
      }
      const gridPos = { x, y, w, h };
      x += w;
      height = Math.max(height, h);
      return { id: ++id, gridPos, ...panelModel(panel) };
    });
    y += height;
    return [header, ...placed];
  });
  return {
    uid: `hookline-${name}`,
    title,
    description,
    tags: ['hookline'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1,
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    refresh: '30s',
    annotations: { list: [] },
    links: [
      link({ title: 'Dashboards of Hookline', type: 'dashboards', tags: ['hookline'], asDropdown: true }),
      link({ title: 'Runbook', url: '${runbook}' }),
    ],
    templating: { list: VARIABLES },
    panels,
  };
}

const VARIABLES = [
  { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', hide: 0 },
  chosen('namespace', 'Namespace', 'hookline_build_info'),
  chosen('installation', 'Installation', 'hookline_build_info{namespace=~"$namespace"}'),
  // Where links to the runbook lead: set it to where your people read it.
  {
    name: 'runbook',
    label: 'Runbook',
    type: 'constant',
    query: 'docs/operating/runbook.md',
    hide: 2,
  },
];

/** Values of a label, one or several of them or all. */
function chosen(label: string, title: string, series: string): object {
  return {
    name: label,
    label: title,
    type: 'query',
    datasource: DATASOURCE,
    query: { query: `label_values(${series}, ${label})`, refId: label },
    refresh: 2,
    includeAll: true,
    // Also what has no such label, as under compose.
    allValue: '.*',
    multi: true,
    current: { text: 'All', value: '$__all' },
    hide: 0,
  };
}

function panelModel({ title, kind, unit, queries, description, runbook, redFrom, stacked }: Panel): object {
  const thresholds = {
    mode: 'absolute',
    steps: [{ color: 'green', value: null }, ...(redFrom === undefined ? [] : [{ color: 'red', value: redFrom }])],
  };
  const custom = {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 5,
    showPoints: 'never',
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
  };
  return {
    type: kind === 'stat' ? 'stat' : 'timeseries',
    title,
    description,
    datasource: DATASOURCE,
    links: [link({ title: 'Runbook', url: `\${runbook}#${runbook}` })],
    targets: queries.map(({ expr, legend }, i) => ({
      refId: String.fromCodePoint(65 + i),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(kind === 'stat' ? { instant: true } : {}),
    })),
    fieldConfig: { defaults: { unit, min: 0, thresholds, ...(kind === 'graph' ? { custom } : {}) }, overrides: [] },
    options:
      kind === 'stat'
        ? {
            reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
            colorMode: 'value',
            graphMode: 'none',
          }
        : {
            legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
            tooltip: { mode: 'multi', sort: 'desc' },
          },
  };
}

/** A link as Grafana has it, whole: it does not fill in what is absent. */
function link(given: {
  title: string;
  type?: 'link' | 'dashboards';
  url?: string;
  tags?: string[];
  asDropdown?: boolean;
}): object {
  return {
    type: 'link',
    icon: 'external link',
    tooltip: '',
    tags: [],
    asDropdown: false,
    targetBlank: true,
    includeVars: true,
    keepTime: true,
    ...given,
  };
}
