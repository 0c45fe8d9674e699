import type { Bench, BenchContext, Values } from '../bench.ts';
import { keyOf, repositoriesInTurn } from '../load/deliveries.ts';
import { fillLog } from '../load/fill-log.ts';
import { readLedger } from '../observe/read-ledger.ts';
import { readRate, type RateOf } from '../observe/read-rate.ts';
import { countWaiting, untilCaughtUp, untilLanesAreEmpty } from '../observe/waits.ts';
import { withSystem, type System } from '../system/open-system.ts';

const RECORDS = 100_000;
const KEY = keyOf(1);

const RATE = 'worked off';
const INTAKE = 'read from the log';
const PEAK = 'peak memory of the processor (RSS)';
const CPU = 'CPU time of the processor, start included';

/** How fast a repository comes back after a long failure. */
export const laneDrain: Bench = {
  name: 'lane-drain',
  about: `${RECORDS} records of one key out of its lane, against the same records from the log.`,
  sides: { baseline: 'log', subject: 'lane' },
  pairs: 3,
  figures: [
    { name: RATE, unit: 'records/s', target: { atLeast: 0.7 } },
    { name: INTAKE, unit: 'records/s' },
    { name: PEAK, unit: 'MiB' },
    { name: CPU, unit: 's' },
  ],
  measure: (side, context) =>
    withSystem(context, async (system) => {
      const records = Math.ceil(RECORDS * context.scale);
      await fillLog(system, { repositories: repositoriesInTurn(records, 1) });
      const from = side === 'baseline' ? fromLog : fromLane;
      return { values: await from(records, context, system), ledger: await readLedger(system, records) };
    }),
};

async function fromLog(records: number, { say }: BenchContext, system: System): Promise<Values> {
  const processor = system.startProcessor({});
  await untilCaughtUp(system);
  const { peakRssBytes, cpuSeconds } = await processor.stop();
  const rate = await rateOf(records, system, { stage: 'log', decision: 'processed' });
  say(`  ${rate.toFixed(0)} records/s`);
  return { [RATE]: rate, [INTAKE]: rate, [PEAK]: peakRssBytes / 2 ** 20, [CPU]: cpuSeconds };
}

/**
 * One processor puts all of it into the lane, another one works it off: what the first one needed is not the second
 * one's memory, and a handler is mended by starting a processor with a better one.
 */
async function fromLane(records: number, { say }: BenchContext, system: System): Promise<Values> {
  const failing = system.startProcessor({ failingKeys: [KEY] });
  await untilCaughtUp(system);
  await failing.stop();
  const waiting = await countWaiting(system);
  if (waiting !== records) throw new Error(`${waiting} of ${records} records wait in the lane.`);
  // The time until the next try is no part of what is measured.
  await system.database.query('update hookline.lanes set due_at = now()');

  const mended = system.startProcessor({});
  await untilLanesAreEmpty(system);
  const { peakRssBytes, cpuSeconds } = await mended.stop();
  const rate = await rateOf(records, system, { stage: 'lane', decision: 'processed' });
  const intake = await rateOf(records, system, { stage: 'log', decision: 'parked' });
  say(`  ${rate.toFixed(0)} records/s (put there at ${intake.toFixed(0)} records/s)`);
  return { [RATE]: rate, [INTAKE]: intake, [PEAK]: peakRssBytes / 2 ** 20, [CPU]: cpuSeconds };
}

async function rateOf(expected: number, { database }: System, of: RateOf): Promise<number> {
  const { records, perSecond } = await readRate(database, of);
  if (records !== expected) throw new Error(`${records} of ${expected} records were ${of.decision} (${of.stage}).`);
  return perSecond;
}
