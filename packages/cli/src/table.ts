import { oneLine } from './printable.ts';

/** A time is shown to the second, a list with commas. */
export type Cell = string | number | bigint | Date | readonly string[] | null;

/** Lines of columns under their names; numbers to the right. Null and what is empty is shown as `-`. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const cells = [columns, ...rows.map((row) => row.map(cellText))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => (row[i] as string).length)));
  const right = columns.map((_, i) => cells.slice(1).every((row) => /^(-|\d+)$/.test(row[i] as string)));
  return cells.map((row) =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join('  ')
      .trimEnd(),
  );
}

/** What a cell shows, on one line, whatever it was given. */
export function cellText(cell: Cell): string {
  if (cell instanceof Date) return cell.toISOString().replace(/\.\d+Z$/, 'Z');
  return oneLine(Array.isArray(cell) ? cell.join(', ') : String(cell ?? '')) || '-';
}

/** Lines of what one thing is: names to the left. */
export function fields(given: readonly (readonly [name: string, cell: Cell])[]): string[] {
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, cell]) => `${name.padEnd(width)}  ${cellText(cell)}`);
}
