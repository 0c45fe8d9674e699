import type { BenchContext, Measured } from '../bench.ts';
import { keyOf, repositoriesInTurn } from '../load/deliveries.ts';
import { fillLog } from '../load/fill-log.ts';
import { readLedger } from '../observe/read-ledger.ts';
import { BUSY, readRate } from '../observe/read-rate.ts';
import { countWaiting, untilCaughtUp } from '../observe/waits.ts';
import { withSystem, type System } from '../system/open-system.ts';
import type { Curve } from './curve.ts';

const OTHERS = 100_000;
const REPOSITORIES = 1000;
/** As many as there may be: a handler that fails for most of all repositories would be taken for broken, and paused. */
const BREAKER = { HOOKLINE_BREAKER_KEYS: '10000' };
/** The failing ones come behind those that do not fail. */
const FAILING_FROM = REPOSITORIES + 1;

const RATE = 'the others, from a full log';
const MEMORY = 'peak memory of the processor (RSS)';

export const openLanesCurve: Curve = {
  name: 'open-lanes',
  about: 'A backlog of pushes of a thousand repositories while so many others fail, each with a lane of its own.',
  x: { label: 'lanes open', at: [0, 10, 100, 1000, 5000] },
  series: [
    { name: RATE, unit: 'records/s' },
    { name: MEMORY, unit: 'MiB' },
  ],
  measure: (x, context) => withSystem(context, (system) => measure(Math.ceil(x * context.scale), context, system)),
};

async function measure(lanes: number, { scale, say }: BenchContext, system: System): Promise<Measured> {
  const others = Math.ceil(OTHERS * scale);
  await fillLog(system, { repositories: failing(lanes) });
  await fillLog(system, { repositories: repositoriesInTurn(others, REPOSITORIES) });
  const processor = system.startProcessor({ failingKeys: [...failing(lanes)].map(keyOf), env: BREAKER });
  await untilCaughtUp(system);
  const waiting = await countWaiting(system);
  if (waiting !== lanes) throw new Error(`${waiting} deliveries wait, and not ${lanes}.`);
  const { peakRssBytes } = await processor.stop();
  const { perSecond } = await readRate(system.database, { stage: 'log', decision: 'processed', share: BUSY });
  say(`  ${perSecond.toFixed(0)} records/s`);
  return {
    values: { [RATE]: perSecond, [MEMORY]: peakRssBytes / 2 ** 20 },
    ledger: await readLedger(system, others + lanes),
  };
}

function* failing(lanes: number): Generator<number> {
  for (let n = 0; n < lanes; n += 1) yield FAILING_FROM + n;
}
