import type { RetentionReport } from '@hookline/database';
import type { Output } from './output.ts';
import { table } from './table.ts';

/** Prints what was removed, or would be; what waits for somebody goes to the progress, since nothing was done to it. */
export function printReport(report: RetentionReport, json: boolean, output: Output): void {
  const { dryRun, ranges, deleted, made, keptDeadClaims, waiting } = report;
  const rows = [
    ...ranges.map(({ name, to, bytes }) => [name, 'a range', bytes, `all before ${iso(to)}`]),
    ...Object.entries(deleted).flatMap(([name, number]) => (number > 0 ? [[name, number, null, 'settled']] : [])),
  ];
  if (json) output.data(JSON.stringify(report, jsonValue));
  else if (rows.length > 0) for (const line of table(['TABLE', 'ROWS', 'BYTES', 'WHAT'], rows)) output.data(line);
  if (made.length > 0) output.progress(`Made ahead: ${made.join(', ')}.`);
  if (keptDeadClaims > 0)
    output.progress(`Claimed anew, since their dead letters are open: ${keptDeadClaims} deliveries.`);
  for (const { what, number, since } of waiting) {
    output.progress(`Never removed: ${number} ${what}, the oldest since ${iso(since)}.`);
  }
  if (rows.length === 0) output.progress('Nothing is old enough to be removed.');
  else output.progress(dryRun ? 'Nothing was removed: this is what a run would remove.' : 'Removed.');
}

/** Times as people and programs read them elsewhere. */
function jsonValue(key: string, value: unknown): unknown {
  return ['from', 'to', 'since'].includes(key) && typeof value === 'number' ? iso(value) : value;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
