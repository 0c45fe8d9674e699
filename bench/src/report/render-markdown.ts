import { describeRun, type BenchReport } from './render.ts';
import { explain, renderVersions, rowsOf } from './rows.ts';
import type { BenchSummary } from './summarise.ts';

/** The report for a page of the docs. */
export function renderMarkdown(report: BenchReport): string {
  return `${[describeRun(report), ...report.benches.map(renderBench)].join('\n\n')}\n`;
}

function renderBench(summary: BenchSummary): string {
  const { name, about, versions, failed } = summary;
  if (failed !== undefined) return `### ${name}\n\n${about} **Has no figures:** ${failed}`;
  const { head, rows } = rowsOf(summary);
  const ruler = head.map((_, column) => (column === 0 || column === head.length - 1 ? '---' : '---:'));
  const table = [head, ruler, ...rows].map((cells) => `| ${cells.map(escape).join(' | ')} |`).join('\n');
  const of = versions ? ` Baseline: ${renderVersions(versions)}.` : '';
  return `### ${name}\n\n${about} ${explain(summary)}${of}\n\n${table}`;
}

function escape(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
