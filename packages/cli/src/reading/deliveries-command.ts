import { DELIVERY_FLAGS, RECORD_DECISIONS } from '@hookline/contracts';
import { listDeliveries, type ListedDelivery, type ArrivalFilter } from '@hookline/database';
import { Option, type Command } from 'commander';
import type { Output } from '../output.ts';
import { parse, parseGuid } from '../parse.ts';
import { pageRequest, printPage, withListOptions, type ListArguments, type Shown } from './list-options.ts';
import { parseTime } from './parse-time.ts';
import { readDatabase } from './read-database.ts';
import { showDelivery } from './show-delivery.ts';
import { eventText, placeText } from './views.ts';

type Filters = { [K in keyof Omit<ArrivalFilter, 'orderingKey'>]?: NonNullable<ArrivalFilter[K]> } & { key?: string };

/** `hookline deliveries list|show`. */
export function addDeliveriesCommand(program: Command, output: Output): void {
  const deliveries = program.command('deliveries').description('what has arrived, and what became of it');
  withListOptions(deliveries.command('list'))
    .description('deliveries of the log, the last decided first; a redelivery is another row')
    .option('--key <key>', 'of this ordering key, as github.com/repository/<id>')
    .option('--guid <guid>', 'with this GUID', parseGuid)
    .option('--event <name>', 'of this event')
    .option('--source <name>', 'of this source')
    .addOption(new Option('--decision <word>', 'with this decision when it was read').choices(RECORD_DECISIONS))
    .addOption(new Option('--flag <word>', 'with this flag').choices(DELIVERY_FLAGS))
    .option('--partition <number>', 'of this partition', (text: string) => Number(parse(text, /^\d{1,9}$/, 'a number')))
    .option('--since <time>', 'decided since this time, or this long ago (2h, 3d)', parseTime)
    .action(async (given: ListArguments & Filters) => {
      const filter = filterOf(given);
      const page = await readDatabase((database) =>
        listDeliveries(database, filter, pageRequest(ARRIVALS.name, given)),
      );
      printPage(page, ARRIVALS, given.json ?? false, output);
    });
  deliveries
    .command('show')
    .description('all that is kept of the deliveries with a GUID, and how each of them stands')
    .argument('<guid>', 'X-GitHub-Delivery, as GitHub shows it', parseGuid)
    .option('--body', 'print the payload, too, where a table keeps it')
    .option('--json', 'print JSON')
    .action((guid: string, { body, json }: { body?: true; json?: true }) =>
      showDelivery(guid, { withBody: body ?? false, json: json ?? false }, output),
    );
}

function filterOf(given: Filters): ArrivalFilter {
  return {
    guid: given.guid ?? null,
    orderingKey: given.key ?? null,
    event: given.event ?? null,
    source: given.source ?? null,
    decision: given.decision ?? null,
    flag: given.flag ?? null,
    partition: given.partition ?? null,
    since: given.since ?? null,
  };
}

const ARRIVALS: Shown<ListedDelivery> = {
  name: 'deliveries',
  columns: ['DECIDED AT', 'DECISION', 'STATE NOW', 'EVENT', 'KEY', 'PLACE', 'GUID', 'FLAGS'],
  cells: (row) => [
    row.recordedAt,
    row.decision,
    row.state,
    eventText(row),
    row.orderingKey,
    placeText(row),
    row.guid,
    row.flags,
  ],
};
