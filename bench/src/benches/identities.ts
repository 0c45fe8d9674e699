import { runRetention } from '@hookline/database';
import type { Bench, BenchContext, Measured, Side } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { fillIdentities } from '../load/fill-identities.ts';
import { fillLog } from '../load/fill-log.ts';
import { countClaims } from '../observe/count-claims.ts';
import { BUSY, readRate } from '../observe/read-rate.ts';
import { untilCaughtUp } from '../observe/waits.ts';
import { withSystem, type System } from '../system/open-system.ts';

const REPOSITORIES = 1000;
const KNOWN: Record<Side, number> = { baseline: 100_000, subject: 10_000_000 };
const RECORDS = 60_000;
const DAY_MS = 86_400_000;

const RATE = 'processed from a full log';
const CPU = 'CPU time of the processor, start included';
const DROP = 'retention drops a range';

/** Whether a year of deliveries makes the next one slower, and what it takes to forget them. */
export const identities: Bench = {
  name: 'identities',
  about: 'a full log while 10,000,000 identities are known, over four weeks, against 100,000.',
  sides: { baseline: '10^5', subject: '10^7' },
  // A run makes ten million rows first.
  pairs: 3,
  figures: [
    { name: RATE, unit: 'records/s', target: { atLeast: 0.85 } },
    { name: CPU, unit: 's' },
    { name: DROP, unit: 's', of: 'value', target: { atMost: 1 } },
  ],
  measure: (side, context) => withSystem(context, (system) => measure(side, context, system)),
};

async function measure(side: Side, { scale, say }: BenchContext, system: System): Promise<Measured> {
  const { database, databaseUrl } = system;
  const records = Math.ceil(RECORDS * scale);
  const known = Math.ceil(KNOWN[side] * scale);
  await fillIdentities(databaseUrl, known);
  await fillLog(system, { repositories: repositoriesInTurn(records, REPOSITORIES), payloads: 'small' });
  const processor = system.startProcessor({});
  await untilCaughtUp(system);
  const { cpuSeconds } = await processor.stop();
  const { perSecond } = await readRate(database, { stage: 'log', decision: 'processed', share: BUSY });
  const ledger = { published: records, completed: (await countClaims(system)) - known, missing: 0 };
  const drop = await timeDrop(system);
  say(`  ${perSecond.toFixed(0)} records/s; a range was dropped in ${drop.toFixed(2)} s`);
  return { values: { [RATE]: perSecond, [CPU]: cpuSeconds, [DROP]: drop }, ledger };
}

/** A whole run of retention, of which the oldest range is all that there is to do. In seconds. */
async function timeDrop({ database }: System): Promise<number> {
  const keep = {
    horizonMs: 14 * DAY_MS,
    auditRetentionMs: 90 * DAY_MS,
    effectRetentionMs: 14 * DAY_MS,
    deadLetterRetentionMs: 90 * DAY_MS,
    commandRetentionMs: 90 * DAY_MS,
  };
  const run = { keep, dryRun: false, waitMs: 60_000, batch: 1000, progress: () => {} };
  const startedAt = performance.now();
  const report = await runRetention(database, run);
  const seconds = (performance.now() - startedAt) / 1000;
  if (!report.success) throw new Error(report.reason);
  const dropped = report.ranges.filter((range) => range.dropped).map(({ table }) => table);
  if (dropped.join() !== 'processed_deliveries') throw new Error(`Not one range was dropped, but: ${dropped.join()}.`);
  return seconds;
}
