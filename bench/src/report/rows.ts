import type { Bench, Figure } from '../bench.ts';
import type { BenchSummary, FigureSummary } from './summarise.ts';

/** A table: its head, and a row for each figure. The first cell is a name, the last a target, those between are numbers. */
export interface Rows {
  head: string[];
  rows: string[][];
}

export function rowsOf({ sides, figures }: BenchSummary): Rows {
  const head = ['', ...(sides.baseline === undefined ? [] : [sides.baseline]), sides.subject];
  const isRatio = sides.baseline !== undefined;
  return {
    head: [...head, ...(isRatio ? ['ratio'] : []), '95 % from', 'to', 'target'],
    rows: figures.map((figure) => rowOf(figure, isRatio)),
  };
}

function rowOf(figure: FigureSummary, isRatio: boolean): string[] {
  const { name, unit, baseline, subject, ratio, value } = figure;
  const show = ratio ? (number: number) => number.toFixed(3) : shortNumber;
  const { low, high } = ratio ?? value;
  return [
    `${name}, ${unit}`,
    ...(isRatio ? [baseline === null ? '' : shortNumber(baseline)] : []),
    shortNumber(subject),
    ...(isRatio ? [ratio?.median.toFixed(3) ?? ''] : []),
    show(low),
    show(high),
    renderTarget(figure),
  ];
}

/** How many pairs, and what the columns are. */
export function explain({ sides, figures, pairs }: BenchSummary): string {
  const how = pairs[0]?.first === 'both' ? ', both sides at once' : '';
  if (sides.baseline === undefined) return `${counted(pairs.length, 'run')}; values are medians.`;
  const values = figures.some(({ ratio }) => ratio === null) ? ' Without a ratio it is the value that counts.' : '';
  const what = `values and ratio (${sides.subject} / ${sides.baseline}) are medians.`;
  return `${counted(pairs.length, 'pair')}${how}; ${what}${values}`;
}

export function renderVersions(versions: Bench['versions']): string {
  return Object.entries(versions ?? {})
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function renderTarget({ target, met }: FigureSummary): string {
  if (!target) return '';
  return `${boundOf(target)} ${met === null ? '(too few pairs)' : met ? '✓' : '✗'}`;
}

function boundOf(target: NonNullable<Figure['target']>): string {
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}

/** Three figures say all that a bench can know. */
function shortNumber(value: number): string {
  return value === 0 ? '0' : value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
