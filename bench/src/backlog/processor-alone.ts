import type { BenchContext, Measured } from '../bench.ts';
import type { Ledger } from '../ledger.ts';
import { fillLog } from '../load/fill-log.ts';
import type { PayloadSet } from '../load/payloads.ts';
import { withSystem, type System } from '../system/open-system.ts';
import { backlogValues } from './figures.ts';
import { processedLedger, workOff, type WorkedOff } from './work-off.ts';

export interface ProcessorLoad {
  /** At full scale. */
  records: number;
  /** Of which repositories these are, in order. */
  repositories(count: number): Iterator<number>;
  payloads: PayloadSet;
  /** As for `fillLog`. */
  atOnce?: number;
  /** Default: as many as a topic has by default. */
  partitions?: number;
  /** What is to be there before; done before anything is measured. */
  prepare?(system: System): Promise<void>;
}

/** Has the processor work off a log of this load: for benches whose two sides differ in nothing but that. */
export async function processorAlone(context: BenchContext, load: ProcessorLoad): Promise<Measured> {
  const { worked, ledger } = await workOffAlone(context, load);
  return { values: backlogValues(worked), ledger };
}

/** As {@link processorAlone}, with all that was measured. */
export function workOffAlone(
  context: BenchContext,
  { records, repositories, payloads, atOnce, partitions, prepare }: ProcessorLoad,
): Promise<{ worked: WorkedOff; ledger: Ledger }> {
  const work = async (system: System) => {
    const count = Math.ceil(records * context.scale);
    await prepare?.(system);
    await fillLog(system, { repositories: repositories(count), payloads, atOnce });
    const worked = await workOff(system, count, 'processed', () => system.startProcessor({ isPlain: true }));
    context.say(`  ${worked.perSecond.toFixed(0)} records/s, ${worked.cpuMicroseconds.toFixed(0)} µs of CPU`);
    return { worked, ledger: await processedLedger(system, count) };
  };
  return withSystem(context, work, partitions === undefined ? {} : { partitions });
}
