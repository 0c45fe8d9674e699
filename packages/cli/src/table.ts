/** Lines of columns under their names; numbers to the right. Null is shown as `-`. */
export function table(columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string[] {
  const cells = [columns, ...rows.map((row) => row.map((cell) => String(cell ?? '-')))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => (row[i] as string).length)));
  const right = columns.map((_, i) => cells.slice(1).every((row) => /^(-|\d+)$/.test(row[i] as string)));
  return cells.map((row) =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join('  ')
      .trimEnd(),
  );
}
