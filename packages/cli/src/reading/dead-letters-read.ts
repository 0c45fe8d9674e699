import {
  DEAD_LETTER_STATES,
  findDead,
  groupDeadLetters,
  listDeadLetters,
  type DeadLetterFilter,
  type DeadLetterGroup,
  type DeadLetterState,
  type DeadLetterView,
  type DeadView,
  type ListedDeadLetter,
} from '@hookline/database';
import { Option, type Command } from 'commander';
import { failed } from '../exit-codes.ts';
import { toJson } from '../json.ts';
import type { Output } from '../output.ts';
import { parse } from '../parse.ts';
import { printable } from '../printable.ts';
import { fields } from '../table.ts';
import { pageRequest, printPage, withListOptions, type ListArguments, type Shown } from './list-options.ts';
import { parseTime } from './parse-time.ts';
import { printBody, printPart, storedFields, storedJson } from './print-delivery.ts';
import { readDatabase } from './read-database.ts';
import { eventText, placeText } from './views.ts';

interface Filters {
  state: DeadLetterState | 'all';
  fingerprint?: string;
  handler?: string;
  key?: string;
  event?: string;
  since?: Date;
  each?: true;
}

/** Adds `list` and `show` to `hookline dead-letters`. */
export function addDeadLetterReading(deadLetters: Command, output: Output): void {
  withListOptions(deadLetters.command('list'))
    .description('dead letters by their error, that with the last one first; or each of them')
    .option('--each', 'each dead letter, and not one row for all of an error')
    .option('--fingerprint <digits>', 'each of this error')
    .addOption(new Option('--state <word>', 'in this state').choices([...DEAD_LETTER_STATES, 'all']).default('dead'))
    .option('--handler <name>', 'of this handler')
    .option('--key <key>', 'of this ordering key, as github.com/repository/<id>')
    .option('--event <name>', 'of this event')
    .option('--since <time>', 'dead since this time, or this long ago (2h, 3d)', parseTime)
    .action(async (given: ListArguments & Filters) => {
      const [filter, json] = [filterOf(given), given.json ?? false];
      if (given.each || given.fingerprint !== undefined) {
        const page = await readDatabase((database) =>
          listDeadLetters(database, filter, pageRequest(LETTERS.name, given)),
        );
        return printPage(page, LETTERS, json, output);
      }
      const page = await readDatabase((database) =>
        groupDeadLetters(database, filter, pageRequest(GROUPS.name, given)),
      );
      printPage(page, GROUPS, json, output);
    });
  deadLetters
    .command('show')
    .description('a dead letter, its delivery, and the other dead letters of that')
    .argument('<id>', 'number of the dead letter', (text: string) => BigInt(parse(text, /^\d{1,18}$/, 'a number')))
    .option('--body', 'print the payload, too; of a record that is no delivery, its value')
    .option('--json', 'print JSON')
    .action(async (deadLetterId: bigint, { body, json }: { body?: true; json?: true }) => {
      const [found] = await readDatabase((database) =>
        findDead(database, { deadLetterId }, { withBody: body ?? false }),
      );
      if (!found) throw failed(`There is no dead letter ${deadLetterId}.`);
      if (json) output.data(toJson(storedJson(found)));
      else printDead(found, deadLetterId, output);
    });
}

function filterOf({ state, fingerprint, handler, key, event, since }: Filters): DeadLetterFilter {
  return {
    state: state === 'all' ? null : state,
    fingerprint: fingerprint ?? null,
    handler: handler ?? null,
    orderingKey: key ?? null,
    event: event ?? null,
    since: since ?? null,
  };
}

function printDead(dead: DeadView, id: bigint, output: Output): void {
  for (const line of fields(storedFields(dead))) output.data(line);
  for (const letter of dead.letters) {
    const which = letter.id === id ? 'This dead letter' : 'Another of its dead letters';
    printPart(`${which}: ${letter.id}`, [...fields(letterFields(letter)), ...stackLines(letter, id)], output);
  }
  printBody(dead, output);
}

const letterFields = (letter: DeadLetterView): Parameters<typeof fields>[0] => [
  ['handler', letter.handler],
  ['state', letter.state],
  ['reason', letter.reason],
  ['attempts', letter.attempts],
  ['generation', letter.generation],
  ['occurrences', letter.occurrences],
  ['dead since', letter.deadAt],
  ['settled at', letter.settledAt],
  ['fingerprint', letter.fingerprint],
  ['error', letter.message],
];

const stackLines = ({ id, stack }: DeadLetterView, shown: bigint) =>
  id === shown && stack !== null ? printable(stack).split('\n') : [];

const GROUPS: Shown<DeadLetterGroup> = {
  name: 'groups',
  columns: ['FINGERPRINT', 'LETTERS', 'DELIVERIES', 'KEYS', 'HANDLERS', 'FIRST', 'LAST', 'EXAMPLE', 'ERROR'],
  cells: (row) => [
    row.fingerprint,
    row.letters,
    row.deliveries,
    row.keys,
    row.handlers,
    row.firstAt,
    row.lastAt,
    row.example.id,
    row.example.message.slice(0, 100),
  ],
};

const LETTERS: Shown<ListedDeadLetter> = {
  name: 'deadLetters',
  columns: ['ID', 'STATE', 'HANDLER', 'EVENT', 'KEY', 'PLACE', 'DEAD SINCE', 'GUID', 'ERROR'],
  cells: (row) => [
    row.id,
    row.state,
    row.handler,
    eventText(row),
    row.orderingKey,
    placeText(row),
    row.deadAt,
    row.guid,
    row.message.slice(0, 80),
  ],
};
