import type { Report, Row } from './row.ts';

const MAX_PROBLEMS = 20;

/** The table for people. */
export function renderText({ ok, rows, problems, story }: Report): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const sections = Map.groupBy(rows, ({ section }) => section);
  const lines = [...sections].flatMap(([section, its], i) => [
    ...(i === 0 ? [`${section.padEnd(width + 4)} ${'found'.padStart(8)}   must be`] : ['', section]),
    ...its.map((row) => renderRow(row, width)),
  ]);
  const shown = problems.slice(0, MAX_PROBLEMS).map((problem) => `  ✗ ${problem}`);
  const more = problems.length > MAX_PROBLEMS ? [`  … and ${problems.length - MAX_PROBLEMS} more`] : [];
  const verdict = ok ? 'Every number is as it must be.' : 'Not every number is as it must be:';
  const told = [`The story of one delivery (hookline trace ${story.guid}):`, story.trace];
  return [...lines, '', ...told, '', verdict, ...shown, ...more].join('\n');
}

function renderRow({ name, expected, actual, ok }: Row, width: number): string {
  return `  ${ok ? '✓' : '✗'} ${name.padEnd(width)} ${String(actual).padStart(8)}   ${expected}`;
}

/** The table for programs, on one line. */
export function renderJson(report: Report, facts: Record<string, unknown>): string {
  return JSON.stringify({ ok: report.ok, ...facts, rows: report.rows, problems: report.problems });
}
