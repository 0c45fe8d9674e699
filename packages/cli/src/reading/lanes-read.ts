import { listLanes, listWaiting, type LaneFilter, type LaneView, type WaitingView } from '@hookline/database';
import { Option, type Command } from 'commander';
import { failed } from '../exit-codes.ts';
import { toJson } from '../json.ts';
import type { Output } from '../output.ts';
import { parse } from '../parse.ts';
import { fields, table } from '../table.ts';
import { pageRequest, printPage, withListOptions, type ListArguments, type Shown } from './list-options.ts';
import { printBody, printPart, storedFields, storedJson } from './print-delivery.ts';
import { readDatabase } from './read-database.ts';
import { eventText, placeText } from './views.ts';

type Filters = { key?: string; state?: LaneView['state']; partition?: number };

/** Adds `list` and `show` to `hookline lanes`. */
export function addLaneReading(lanes: Command, output: Output): void {
  withListOptions(lanes.command('list'))
    .description('keys that wait, with their heads, by partition and key')
    .option('--key <key>', 'this ordering key, as github.com/repository/<id>')
    .addOption(new Option('--state <word>', 'in this state').choices(['retrying', 'held']))
    .option('--partition <number>', 'of this partition', (text: string) => Number(parse(text, /^\d{1,9}$/, 'a number')))
    .action(async (given: ListArguments & Filters) => {
      const { key: orderingKey = null, state = null, partition = null } = given;
      const filter: LaneFilter = { orderingKey, state, partition };
      const page = await readDatabase((database) => listLanes(database, filter, pageRequest(LANES.name, given)));
      printPage(page, LANES, given.json ?? false, output);
    });
  lanes
    .command('show')
    .description('a key that waits, and the first deliveries that wait in it')
    .argument('<key>', 'ordering key, as github.com/repository/<id>')
    .option('--limit <number>', 'deliveries shown', (text: string) => Number(parse(text, /^\d{1,4}$/, 'a number')), 20)
    .option('--body', 'print the payload of the head, too')
    .option('--json', 'print JSON')
    .action(async (key: string, { limit, body, json }: { limit: number; body?: true; json?: true }) => {
      const found = await readLane(key, limit, body ?? false);
      if (json) output.data(toJson(found.map((one) => ({ ...one, waiting: one.waiting.map(storedJson) }))));
      else for (const one of found) printLane(one, output);
    });
}

type LaneWithWaiting = LaneView & { waiting: WaitingView[] };

/** Of each topic that has a lane of the key: one, but for a moment while a generation follows another. */
function readLane(orderingKey: string, limit: number, withBody: boolean): Promise<LaneWithWaiting[]> {
  return readDatabase(async (database) => {
    const filter = { orderingKey, state: null, partition: null };
    const { rows } = await listLanes(database, filter, { limit: 100, after: null });
    if (rows.length === 0) throw failed(`Nothing waits under ${orderingKey}: it has no open lane.`);
    const [head] = withBody ? await listWaiting(database, { orderingKey }, { limit: 1, withBody }) : [];
    const waiting = await listWaiting(database, { orderingKey }, { limit });
    const all = head ? [head, ...waiting.slice(1)] : waiting;
    return rows.map((lane) => ({ ...lane, waiting: all.filter(({ topic }) => topic === lane.topic) }));
  });
}

function printLane({ waiting, ...lane }: LaneWithWaiting, output: Output): void {
  const lines = fields([
    ['key', lane.orderingKey],
    ['state', lane.state],
    ['place', `${lane.topic}, partition ${lane.partition}`],
    ['waiting', `${lane.records} deliveries, ${lane.bytes} bytes as they are stored`],
    ['open since', lane.openedAt],
    ['next try', lane.state === 'held' ? 'when it is released' : lane.dueAt],
    ['tries', `${lane.attempts} counted, ${lane.deferrals} put off, ${lane.kills} processes died of it`],
    ['last error', lane.lastError],
  ]);
  for (const line of lines) output.data(line);
  const columns = ['POSITION', 'EVENT', 'PLACE', 'RUN', 'SINCE', 'GUID', 'LAST RUN'];
  const rows = waiting.map((one) => [
    one.position,
    eventText(one),
    placeText(one),
    one.run,
    one.waitingSince,
    one.guid,
    one.lastRun && Object.entries(one.lastRun).map(([handler, outcome]) => `${handler}: ${outcome}`),
  ]);
  printPart('What waits', rows.length === 0 ? [] : table(columns, rows), output);
  const [head] = waiting;
  if (head?.body === undefined) return;
  printPart('Head', fields(storedFields(head)), output);
  printBody(head, output);
}

const LANES: Shown<LaneView> = {
  name: 'lanes',
  columns: ['KEY', 'STATE', 'WAITING', 'TRIES', 'NEXT TRY', 'OPEN SINCE', 'HEAD', 'PLACE', 'GUID', 'LAST ERROR'],
  cells: (row) => [
    row.orderingKey,
    row.state,
    row.records,
    row.attempts,
    row.state === 'held' ? null : row.dueAt,
    row.openedAt,
    row.head && eventText(row.head),
    row.head && placeText({ ...row.head, partition: row.partition }),
    row.head?.guid ?? null,
    row.lastError && row.lastError.slice(0, 80),
  ],
};
