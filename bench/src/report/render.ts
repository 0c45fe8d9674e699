import type { Machine } from './machine.ts';
import { explain, renderVersions, rowsOf } from './rows.ts';
import type { BenchSummary } from './summarise.ts';

export interface BenchReport {
  machine: Machine;
  /** Of what is measured and of what it runs on, by name. */
  versions: Readonly<Record<string, string>>;
  scale: number;
  benches: BenchSummary[];
}

/** The report for programs, on one line: the values of every single run are in it. */
export function renderJson(report: BenchReport): string {
  return JSON.stringify(report);
}

/** The report for people at a terminal. */
export function renderText(report: BenchReport): string {
  return [...report.benches.map(renderBench), describeRun(report)].join('\n\n');
}

/** On what it was run, of what size. */
export function describeRun({ machine, versions, scale }: BenchReport): string {
  const { cores, cpu, memoryGib, platform, load } = machine;
  const reduced = scale === 1 ? '' : `\nAt ${scale} of the size: good for trying out, not for quoting.`;
  return `On ${cores} × ${cpu}, ${memoryGib} GiB, ${platform}, load ${load} before the run; ${renderVersions(versions)}.${reduced}`;
}

function renderBench(summary: BenchSummary): string {
  const { name, about, versions, failed } = summary;
  if (failed !== undefined) return `${name}: ${about}\nHas no figures: ${failed}`;
  const { head, rows } = rowsOf(summary);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        isWord(column, head) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const of = versions ? [`Baseline: ${renderVersions(versions)}.`] : [];
  return [`${name}: ${about}`, explain(summary), ...of, ...lines].join('\n');
}

/** Words to the left, numbers to the right. */
function isWord(column: number, head: readonly string[]): boolean {
  return column === 0 || column === head.length - 1;
}
