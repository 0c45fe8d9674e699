import type { DeadTargetPlan } from '@hookline/database';
import type { Bulk } from './bulk-command-id.ts';
import { oneLine } from './printable.ts';
import { table } from './table.ts';

/** Rows of each table of a plan. */
export const PLAN_ROWS = 10;

const LONGEST_ERROR = 80;

const WHAT = {
  dead: 'Run again',
  discarded: 'Run again what was discarded',
  discard: 'Discarded, and never run again but by a redrive of what was discarded',
};

/** A plan in words, for whoever is asked: how much, of which errors, of which repositories. Pure. */
export function planLines({ command, state }: Pick<Bulk, 'command' | 'state'>, plan: DeadTargetPlan): string[] {
  const { letters, deliveries, keys, logs, errors, largestKeys } = plan;
  const summary =
    `${WHAT[command === 'discard' ? command : state]}: ${count(letters, 'dead letter')} of ${count(deliveries, 'delivery', 'deliveries')}, of ` +
    `${count(keys, 'key')} in ${count(new Set(logs.map(({ partition }) => partition)).size, 'partition')}.`;
  return [
    summary,
    '',
    ...table(
      ['LETTERS', 'KEYS', 'HANDLER', 'FINGERPRINT', 'ERROR'],
      errors.map((row) => [row.letters, row.keys, row.handler, row.fingerprint, oneLine(row.message, LONGEST_ERROR)]),
    ),
    ...more(errors.length, 'errors'),
    '',
    ...table(
      ['LETTERS', 'KEY'],
      largestKeys.map((row) => [row.letters, row.orderingKey]),
    ),
    ...(keys > largestKeys.length ? [`and ${count(keys - largestKeys.length, 'other key')}`] : []),
    '',
  ];
}

const more = (rows: number, what: string) => (rows === PLAN_ROWS ? [`the first ${PLAN_ROWS} ${what}`] : []);

export function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}
