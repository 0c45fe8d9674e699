import { backlogFigures, backlogValues, RATE } from '../backlog/figures.ts';
import { processedLedger, workOff } from '../backlog/work-off.ts';
import { startConsumer } from '../baselines/start-consumer.ts';
import type { Bench } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { fillLog } from '../load/fill-log.ts';
import { withSystem } from '../system/open-system.ts';

const RECORDS = 150_000;
const REPOSITORIES = 1000;
/** As many as the processor has connections. */
const LANES = 16;

/** What all guarantees cost: the fence, the look-ups, the decisions, the offset in the same transaction. */
export const guarantees: Bench = {
  name: 'guarantees',
  about: 'the processor against a consumer that writes the same rows as many at once, at least once; small bodies.',
  sides: { baseline: 'at least once', subject: 'Hookline' },
  figures: backlogFigures({ [RATE]: { target: { atLeast: 0.8 } } }),
  measure: (side, context) =>
    withSystem(context, async (system) => {
      const count = Math.ceil(RECORDS * context.scale);
      await fillLog(system, { repositories: repositoriesInTurn(count, REPOSITORIES), payloads: 'small' });
      const worked = await workOff(system, count, 'processed', () =>
        side === 'baseline' ? startConsumer(system, 'at-least-once', LANES) : system.startProcessor({ isPlain: true }),
      );
      context.say(`  ${worked.perSecond.toFixed(0)} records/s, ${worked.cpuMicroseconds.toFixed(0)} µs of CPU`);
      return { values: backlogValues(worked), ledger: await processedLedger(system, count) };
    }),
};
