import type { Figure } from '../bench.ts';
import type { Machine } from './machine.ts';
import type { BenchSummary, FigureSummary } from './summarise.ts';

export interface BenchReport {
  machine: Machine;
  scale: number;
  benches: BenchSummary[];
}

/** The report for programs, on one line: the values of every single run are in it. */
export function renderJson(report: BenchReport): string {
  return JSON.stringify(report);
}

/** The report for people. */
export function renderText({ machine, scale, benches }: BenchReport): string {
  const { cores, cpu, memoryGib, platform, node, load } = machine;
  const reduced = scale === 1 ? '' : `\nAt ${scale} of the size: good for trying out, not for quoting.`;
  const on = `On ${cores} × ${cpu}, ${memoryGib} GiB, ${platform}, Node ${node}, load ${load} before the run.${reduced}`;
  return [...benches.map(renderBench), on].join('\n\n');
}

function renderBench({ name, about, sides, figures, pairs }: BenchSummary): string {
  const head = ['', sides.baseline, sides.subject, 'ratio', 'min', 'max', 'target'];
  const rows = figures.map((figure) => [
    `${figure.name}, ${figure.unit}`,
    shortNumber(figure.baseline),
    shortNumber(figure.subject),
    figure.ratio.median.toFixed(3),
    figure.ratio.min.toFixed(3),
    figure.ratio.max.toFixed(3),
    renderTarget(figure),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd(),
  );
  const how = pairs[0]?.first === 'both' ? ', both sides at once' : '';
  const count = `${pairs.length} ${pairs.length === 1 ? 'pair' : 'pairs'}${how}`;
  return [
    `${name}: ${about}`,
    `${count}; values and ratio (${sides.subject} / ${sides.baseline}) are medians.`,
    ...lines,
  ].join('\n');
}

/** Words to the left, numbers to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === 6 ? cell.padEnd(width) : cell.padStart(width);
}

function renderTarget({ target, met }: FigureSummary): string {
  return target ? `${boundOf(target)} ${met ? '✓' : '✗'}` : '';
}

function boundOf(target: NonNullable<Figure['target']>): string {
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}

/** Three figures say all that a bench can know. */
function shortNumber(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
