import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backlogFigures, backlogValues, RATE } from '../backlog/figures.ts';
import { processedLedger, workOff } from '../backlog/work-off.ts';
import type { RecordedSlice } from '../baselines/recorded-slices.ts';
import { startConsumer } from '../baselines/start-consumer.ts';
import type { Bench, BenchContext, Measured } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { fillLog } from '../load/fill-log.ts';
import { withSystem, type System } from '../system/open-system.ts';

const RECORDS = 100_000;
const REPOSITORIES = 1000;
/** As many as the processor has connections, so that each has one of its own on both sides. */
const PARTITIONS = 16;

/** How near the processor comes to what the database can do at all. */
export const databaseAlone: Bench = {
  name: 'database-alone',
  about: 'the processor against a bare loop that sends the very same transactions, recorded before; small bodies.',
  sides: { baseline: 'the same SQL', subject: 'Hookline' },
  figures: backlogFigures({ [RATE]: { target: { atLeast: 0.85 } } }),
  measure(side, context) {
    const count = Math.ceil(RECORDS * context.scale);
    return side === 'baseline' ? replayed(count, context) : processed(count, context);
  },
};

function processed(count: number, context: BenchContext, recordTo: string | null = null): Promise<Measured> {
  const work = async (system: System): Promise<Measured> => {
    await fillLog(system, { repositories: repositoriesInTurn(count, REPOSITORIES), payloads: 'small' });
    const worked = await workOff(system, count, 'processed', () => system.startProcessor({ isPlain: true, recordTo }));
    context.say(`  ${worked.perSecond.toFixed(0)} records/s, ${worked.cpuMicroseconds.toFixed(0)} µs of CPU`);
    return { values: backlogValues(worked), ledger: await processedLedger(system, count) };
  };
  return withSystem(context, work, { partitions: PARTITIONS });
}

/** Recorded on one database, replayed on another one that is as empty as that was. */
function replayed(count: number, context: BenchContext): Promise<Measured> {
  const work = async (system: System): Promise<Measured> => {
    const slicesFile = join(system.directory, 'slices.jsonl');
    context.say('  recording');
    await processed(count, context, slicesFile);
    await makeFences(system, slicesFile, count);
    await system.database.query('checkpoint');
    const start = () => startConsumer(system, 'replay-slices', PARTITIONS, { slicesFile });
    const worked = await workOff(system, count, 'processed', start);
    context.say(`  ${worked.perSecond.toFixed(0)} records/s, ${worked.cpuMicroseconds.toFixed(0)} µs of CPU`);
    return { values: backlogValues(worked), ledger: await processedLedger(system, count) };
  };
  return withSystem(context, work, { partitions: PARTITIONS });
}

/** The rows that the recorded owner had, where its first slices found them. */
async function makeFences({ database }: System, slicesFile: string, count: number): Promise<void> {
  const lines = (await readFile(slicesFile, 'utf8')).split('\n').filter((line) => line !== '');
  const slices = lines.map((line) => JSON.parse(line) as RecordedSlice);
  const recorded = slices.reduce((sum, { records }) => sum + records, 0);
  if (recorded !== count)
    throw new Error(`${recorded} of ${count} records are in the transactions that were recorded.`);
  const firsts = [...Map.groupBy(slices, ({ partition }) => partition).values()].map(([first]) => first);
  for (const slice of firsts) {
    if (!slice) continue;
    await database.query(
      `insert into hookline.partition_offsets (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
       values ($1, $1, $2, 0, $3, 'bench')`,
      [slice.topic, slice.partition, slice.epoch],
    );
  }
}
