import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@hookline/test-support';
import { CLAIMS } from '../baselines/claim-deliveries.ts';
import { fillGraphileWorker, fillPgBoss, type FillQueue } from '../baselines/queues.ts';
import { versionOf } from '../baselines/version-of.ts';
import type { Bench, BenchContext, Measured } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { fillLog } from '../load/fill-log.ts';
import type { PayloadSet } from '../load/payloads.ts';
import { readLedger } from '../observe/read-ledger.ts';
import { untilCaughtUp } from '../observe/waits.ts';
import type { Usage } from '../programs/leave-outcome.ts';
import { withSystem, type System } from '../system/open-system.ts';
import { endedTooSoon, expectGoodEnd } from '../system/program-end.ts';
import { programOf } from '../system/start-door.ts';

const REPOSITORIES = 1000;
const RECORDS = 60_000;
/** A queue takes longer for each, so that fewer make a run as long. */
const JOBS = 20_000;
/** What pg-boss takes at once; of a small run less, so that it is more than one transaction. */
const MAX_BATCH = 500;
/** Towards the end some partitions, or workers, have nothing left to do. */
const BUSY = 0.9;
const PATIENCE_MS = 20 * 60_000;

const RATE = 'worked off';
const CPU = 'CPU time of the process per delivery, start included';

interface Peer {
  name: string;
  program: string;
  fill: FillQueue;
}

const PEERS: Peer[] = [
  { name: 'pg-boss', program: 'pg-boss-worker', fill: fillPgBoss },
  { name: 'graphile-worker', program: 'graphile-worker-worker', fill: fillGraphileWorker },
];
const GOALS = { small: 10, examples: 5 } as const;

/** How fast a backlog is worked off, and how fast from a queue in PostgreSQL, with the same dedup and the same effect. */
export const queues: readonly Bench[] = PEERS.flatMap((peer) =>
  (['small', 'examples'] as const).map((set) => queueBench(peer, set)),
);

function queueBench(peer: Peer, set: 'small' | 'examples'): Bench {
  return {
    name: `queue-${peer.name}-${set}`,
    about: `a backlog (${set}) through the processor, against ${peer.name} with the same dedup and effect, each done once.`,
    sides: { baseline: peer.name, subject: 'processor' },
    pairs: 3,
    versions: versionOf(peer.name),
    figures: [
      { name: RATE, unit: 'deliveries/s', target: { atLeast: GOALS[set] } },
      { name: CPU, unit: 'µs' },
    ],
    measure: (side, context) =>
      withSystem(context, (system) =>
        side === 'subject' ? ofProcessor(system, context, set) : ofPeer(system, context, set, peer),
      ),
  };
}

async function ofProcessor(system: System, { scale, say }: BenchContext, set: PayloadSet): Promise<Measured> {
  const records = Math.ceil(RECORDS * scale);
  await fillLog(system, { repositories: repositoriesInTurn(records, REPOSITORIES), payloads: set });
  const processor = system.startProcessor({});
  await untilCaughtUp(system);
  const usage = await processor.stop();
  return toMeasured(system, 'hookline.processed_deliveries', usage, await readLedger(system, records), say);
}

async function ofPeer(system: System, { scale, say }: BenchContext, set: PayloadSet, peer: Peer): Promise<Measured> {
  const { database, databaseUrl, directory } = system;
  const jobs = Math.ceil(JOBS * scale);
  await database.query(CLAIMS);
  await peer.fill(databaseUrl, repositoriesInTurn(jobs, REPOSITORIES), set);
  await database.query('vacuum (analyze)');
  await database.query('checkpoint');
  const usageFile = join(directory, 'worker.json');
  const worker = system.start(programOf(peer.program), {
    env: { BENCH_USAGE: usageFile, BENCH_BATCH: String(Math.min(MAX_BATCH, Math.ceil(jobs / 40))) },
  });
  await Promise.race([
    until(`${jobs} jobs are done`, async () => (await counted(system)) >= jobs, PATIENCE_MS),
    endedTooSoon('A worker', worker.ended),
  ]);
  expectGoodEnd('A worker', await worker.stop());
  const usage = JSON.parse(await readFile(usageFile, 'utf8')) as Usage;
  const ledger = { published: jobs, completed: await counted(system), missing: 0 };
  return toMeasured(system, 'bench.claims', usage, ledger, say);
}

/** By the effect, and not by the claims. */
async function counted({ database }: System): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    'select coalesce(sum(deliveries), 0)::integer as n from hookline.repository_activity',
  );
  return rows[0]?.n ?? 0;
}

async function toMeasured(
  { database }: System,
  claims: string,
  { cpuSeconds }: Usage,
  ledger: Measured['ledger'],
  say: BenchContext['say'],
): Promise<Measured> {
  const { rows } = await database.query<{ rate: number }>(
    `with bounds as (select min(claimed_at) as first,
                            percentile_disc($1::double precision) within group (order by claimed_at) as last from ${claims})
     select count(*) filter (where claimed_at < last) / extract(epoch from max(last) - min(first))::float8 as rate
       from ${claims}, bounds`,
    [BUSY],
  );
  const rate = rows[0]?.rate ?? 0;
  say(`  ${rate.toFixed(0)} deliveries/s`);
  return { values: { [RATE]: rate, [CPU]: (cpuSeconds / ledger.published) * 1e6 }, ledger };
}
