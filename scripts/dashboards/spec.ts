/** Grafana's names of units: seconds, bytes, a part of one, per second, a count, a flag. */
export type Unit = 's' | 'bytes' | 'percentunit' | 'reqps' | 'short' | 'bool_yes_no';

export interface Query {
  expr: string;
  /** `{{label}}` stands for a label's value. */
  legend: string;
}

export interface Panel {
  title: string;
  kind: 'graph' | 'stat';
  unit: Unit;
  queries: readonly Query[];
  /** What it is good for; one or two sentences. */
  description: string;
  /** The part of the runbook that it belongs to, as its anchor. */
  runbook: string;
  /** Of a stat: from here on it is red. */
  redFrom?: number;
  /** Its series add up to something. */
  stacked?: boolean;
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

export interface Dashboard {
  /** Its file's name, and the end of its uid. */
  name: string;
  title: string;
  description: string;
  rows: readonly Row[];
}

type Given = Pick<Panel, 'description' | 'runbook'> & Pick<Partial<Panel>, 'stacked' | 'redFrom'>;

export function graph(title: string, unit: Unit, queries: readonly Query[], given: Given): Panel {
  return { kind: 'graph', title, unit, queries, ...given };
}

/** One number now. */
export function stat(title: string, unit: Unit, expr: string, given: Given): Panel {
  return { kind: 'stat', title, unit, queries: [{ expr, legend: title }], ...given };
}

export const query = (expr: string, legend = ''): Query => ({ expr, legend });

/** A metric of the chosen installations; `more` are further matchers. */
export const of = (metric: string, more = ''): string =>
  `${metric}{namespace=~"$namespace",installation=~"$installation"${more === '' ? '' : `,${more}`}}`;

/** How fast a counter grows, per second. */
export const rateOf = (metric: string, more = ''): string => `rate(${of(metric, more)}[$__rate_interval])`;

export const sumBy = (labels: string, expr: string): string =>
  labels === '' ? `sum(${expr})` : `sum by (${labels}) (${expr})`;

/** A counter's growth per second, one series per value of the labels. */
export const ratesBy = (labels: string, metric: string, more = ''): Query[] => [
  query(sumBy(labels, rateOf(metric, more)), legendOf(labels)),
];

/** Percentiles of a histogram; with labels one series of each per value. */
export function quantiles(metric: string, labels = '', more = '', which: readonly number[] = [0.5, 0.99]): Query[] {
  const by = labels === '' ? 'le' : `${labels}, le`;
  return which.map((q) =>
    query(
      `histogram_quantile(${q}, ${sumBy(by, rateOf(`${metric}_bucket`, more))})`,
      `p${q * 100} ${legendOf(labels)}`.trim(),
    ),
  );
}

/** What a histogram's observations were on average. */
export const meanOf = (metric: string): string =>
  `${sumBy('', rateOf(`${metric}_sum`))} / ${sumBy('', rateOf(`${metric}_count`))}`;

function legendOf(labels: string): string {
  return labels
    .split(', ')
    .filter((label) => label !== '')
    .map((label) => `{{${label}}}`)
    .join(' ');
}
