import { findHeld, listHeld, type HeldFilter, type HeldView } from '@hookline/database';
import { Option, type Command } from 'commander';
import { failed } from '../exit-codes.ts';
import { toJson } from '../json.ts';
import type { Output } from '../output.ts';
import { parse } from '../parse.ts';
import { fields } from '../table.ts';
import { pageRequest, printPage, withListOptions, type ListArguments, type Shown } from './list-options.ts';
import { printBody, storedFields, storedJson } from './print-delivery.ts';
import { readDatabase } from './read-database.ts';
import { eventText, placeText } from './views.ts';

type Filters = { key?: string; event?: string; source?: string; reason?: string; state: HeldView['state'] };

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DIGEST = /^[0-9a-f]{8,64}$/i;

/** Adds `list` and `show` to `hookline replays`. */
export function addReplayReading(replays: Command, output: Output): void {
  withListOptions(replays.command('list'))
    .description('deliveries that are held, the last held first')
    .option('--key <key>', 'of this ordering key, as github.com/repository/<id>')
    .option('--event <name>', 'of this event')
    .option('--source <name>', 'of this source')
    .addOption(new Option('--reason <word>', 'held for this').choices(['suspected-replay', 'other-event']))
    .addOption(
      new Option('--state <word>', 'held, or decided so').choices(['held', 'released', 'discarded']).default('held'),
    )
    .action(async (given: ListArguments & Filters) => {
      const { key: orderingKey = null, event = null, source = null, reason = null, state } = given;
      const filter: HeldFilter = { orderingKey, event, source, reason, state };
      const page = await readDatabase((database) => listHeld(database, filter, pageRequest(REPLAYS.name, given)));
      printPage(page, REPLAYS, given.json ?? false, output);
    });
  replays
    .command('show')
    .description('held deliveries with a GUID or a digest')
    .argument('<guid|digest>', 'GUID, or at least the first 8 digits of the digest', (text: string) =>
      parse(text, new RegExp(`${GUID.source}|${DIGEST.source}`, 'i'), 'a GUID, or 8 to 64 digits of a digest'),
    )
    .option('--body', 'print the payload, too')
    .option('--json', 'print JSON')
    .action(async (which: string, { body, json }: { body?: true; json?: true }) => {
      const by = GUID.test(which) ? { guid: which } : { digest: which };
      const found = await readDatabase((database) => findHeld(database, by, { withBody: body ?? false }));
      if (found.length === 0) throw failed(`Nothing is held for ${which}.`);
      if (json) output.data(toJson(found.map(storedJson)));
      else found.forEach((one, i) => printHeld(one, i, output));
    });
}

function printHeld(one: HeldView, index: number, output: Output): void {
  if (index > 0) output.data('');
  const lines = fields([
    ['state', one.settledAt ? `${one.state} at ${one.settledAt.toISOString()}` : one.state],
    ['reason', one.reason],
    ['is like', `${one.knownGuid}, which came as ${one.knownEvent}`],
    ['held since', one.heldAt],
    ['arrivals', `${one.arrivals}, the last at ${one.lastArrivalAt.toISOString()}`],
    ['generation', one.generation],
    ...storedFields(one),
  ]);
  for (const line of lines) output.data(line);
  printBody(one, output);
}

const REPLAYS: Shown<HeldView> = {
  name: 'replays',
  columns: ['DIGEST', 'STATE', 'REASON', 'EVENT', 'KEY', 'ARRIVALS', 'HELD SINCE', 'PLACE', 'GUID', 'IS LIKE'],
  cells: (row) => [
    row.digest && row.digest.toString('hex').slice(0, 16),
    row.state,
    row.reason,
    eventText(row),
    row.orderingKey,
    row.arrivals,
    row.heldAt,
    placeText(row),
    row.guid,
    row.knownGuid,
  ],
};
