import type { WorkedOff } from '../backlog/work-off.ts';
import { workOffAlone, type ProcessorLoad } from '../backlog/processor-alone.ts';
import type { BenchContext, Measured } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { fillIdentities } from '../load/fill-identities.ts';
import { fillRepositories, repositoriesSpread } from '../load/repositories.ts';
import type { Curve, Series } from './curve.ts';

const REPOSITORIES = 1000;
const RECORDS = 150_000;

const RATE = 'processor, from a full log';
const MEMORY = 'peak memory of the processor (RSS)';
const WAL = 'WAL';
const TABLES = 'tables and indexes';

export const BACKLOG_SERIES: readonly Series[] = [
  { name: RATE, unit: 'records/s' },
  { name: MEMORY, unit: 'MiB' },
  { name: WAL, unit: 'bytes per record' },
  { name: TABLES, unit: 'bytes per record' },
];

export async function backlogPoint(context: BenchContext, load: ProcessorLoad): Promise<Measured> {
  const { worked, ledger } = await workOffAlone(context, load);
  return { values: valuesOf(worked), ledger };
}

function valuesOf({ perSecond, peakRssBytes, walBytes, tableBytes }: WorkedOff): Measured['values'] {
  return { [RATE]: perSecond, [MEMORY]: peakRssBytes / 2 ** 20, [WAL]: walBytes, [TABLES]: tableBytes };
}

const inTurn = (count: number) => repositoriesInTurn(count, REPOSITORIES);

export const identitiesCurve: Curve = {
  name: 'identities',
  about: 'A backlog of small bodies while so many identities are known already, over four weeks.',
  x: { label: 'identities known', at: [10_000, 100_000, 1_000_000, 3_000_000, 10_000_000] },
  series: BACKLOG_SERIES,
  measure: (x, context) =>
    backlogPoint(context, {
      records: RECORDS,
      repositories: inTurn,
      payloads: 'small',
      prepare: ({ databaseUrl }) => fillIdentities(databaseUrl, Math.ceil(x * context.scale)),
    }),
};

export const repositoriesCurve: Curve = {
  name: 'repositories',
  about: 'A backlog of small bodies, spread over so many repositories that are known already.',
  x: { label: 'repositories', at: [100, 1000, 10_000, 100_000, 1_000_000] },
  series: BACKLOG_SERIES,
  measure(x, context) {
    const known = Math.ceil(x * context.scale);
    return backlogPoint(context, {
      records: RECORDS,
      repositories: (count) => repositoriesSpread(count, known),
      payloads: 'small',
      prepare: (system) => fillRepositories(system, known),
    });
  },
};

export const partitionsCurve: Curve = {
  name: 'partitions',
  about: 'A backlog of small bodies in a topic of so many partitions, all of them read by one process.',
  x: { label: 'partitions', at: [4, 8, 16, 32, 64, 128] },
  series: BACKLOG_SERIES,
  measure: (x, context) =>
    backlogPoint(context, { records: RECORDS, repositories: inTurn, payloads: 'small', partitions: x }),
};
