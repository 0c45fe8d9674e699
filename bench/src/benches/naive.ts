import { backlogFigures, backlogValues, COMMITS, RATE, WAL } from '../backlog/figures.ts';
import { processedLedger, workOff } from '../backlog/work-off.ts';
import { startConsumer } from '../baselines/start-consumer.ts';
import type { Bench } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { fillLog } from '../load/fill-log.ts';
import { withSystem } from '../system/open-system.ts';

const REPOSITORIES = 1000;

interface Rival {
  name: string;
  about: string;
  lanes: number;
  payloads: 'small' | 'examples';
  /** Records of each side: about ten seconds of work for it. */
  records: { baseline: number; subject: number };
  atLeast: number;
}

/** The processor against a transaction for each message, what one writes first. */
function naive({ name, about, lanes, payloads, records, atLeast }: Rival): Bench {
  return {
    name: `naive-${name}-${payloads}`,
    about: `${about}, ${payloads === 'small' ? 'bodies of 200 bytes' : "GitHub's examples"}.`,
    sides: { baseline: `naive, ${name}`, subject: 'Hookline' },
    figures: backlogFigures({
      [RATE]: { target: { atLeast } },
      [COMMITS]: { of: 'value', target: { atMost: 1 / 200 } },
      [WAL]: { target: { atMost: 1.2 } },
    }),
    measure: (side, context) =>
      withSystem(context, async (system) => {
        const count = Math.ceil(records[side] * context.scale);
        await fillLog(system, { repositories: repositoriesInTurn(count, REPOSITORIES), payloads });
        const worked = await workOff(system, count, 'processed', () =>
          side === 'baseline'
            ? startConsumer(system, 'naive-consumer', lanes)
            : system.startProcessor({ isPlain: true }),
        );
        context.say(`  ${worked.perSecond.toFixed(0)} records/s, ${worked.cpuMicroseconds.toFixed(0)} µs of CPU`);
        return { values: backlogValues(worked), ledger: await processedLedger(system, count) };
      }),
  };
}

const SERIAL = { name: 'serial', lanes: 1, about: 'the processor against one message after another' };
const LANES = { name: 'lanes', lanes: 8, about: 'the processor against eight partitions at once, a message each' };
const SMALL = { payloads: 'small', subject: 150_000 } as const;
const EXAMPLES = { payloads: 'examples', subject: 80_000 } as const;

export const naiveBenches: readonly Bench[] = [
  rival(SERIAL, SMALL, 8000, 40),
  rival(SERIAL, EXAMPLES, 8000, 10),
  rival(LANES, SMALL, 20_000, 12),
  rival(LANES, EXAMPLES, 20_000, 3),
];

function rival(
  how: Pick<Rival, 'name' | 'lanes' | 'about'>,
  { payloads, subject }: { payloads: Rival['payloads']; subject: number },
  baseline: number,
  atLeast: number,
): Bench {
  return naive({ ...how, payloads, records: { baseline, subject }, atLeast });
}
