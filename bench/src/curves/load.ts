import type { BenchContext, Measured } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { expectOnly, postAll } from '../load/post-prepared.ts';
import { openRawClient, prepareRequests } from '../load/raw-http.ts';
import { timesAtRate } from '../load/times-at-rate.ts';
import { readLedger } from '../observe/read-ledger.ts';
import { untilCaughtUp } from '../observe/waits.ts';
import { quantileOfWhole } from '../statistics.ts';
import { withSystem, type System } from '../system/open-system.ts';
import { INGEST, startDoor } from '../system/start-door.ts';
import type { Curve } from './curve.ts';

const REPOSITORIES = 1000;
const AT_ONCE = 64;
const WARMING = 4000;
const SECONDS = 8;

const P50 = 'median';
const P99 = 'p99';

export const loadCurve: Curve = {
  name: 'load',
  about: "From ingest's arrival to behind the COMMIT of the effect, GitHub's examples, so many a second, evenly.",
  x: { label: 'deliveries a second', at: [25, 50, 100, 200, 400, 800, 1200] },
  series: [
    { name: P50, unit: 'ms' },
    { name: P99, unit: 'ms' },
  ],
  measure: (x, context) => withSystem(context, (system) => measure(x, context, system)),
};

async function measure(perSecond: number, { scale, say }: BenchContext, system: System): Promise<Measured> {
  const door = await startDoor(system, INGEST);
  const processor = system.startProcessor({ keepLatencies: true });
  const prepare = (count: number) =>
    prepareRequests(door.url, repositoriesInTurn(Math.ceil(count * scale), REPOSITORIES), 'examples');
  const client = openRawClient(door.url);
  try {
    const warming = prepare(WARMING);
    expectOnly(await postAll(client, warming, { count: warming.length, atOnce: AT_ONCE }), 202);
    await untilCaughtUp(system);
    const steady = prepare(perSecond * SECONDS);
    const times = await timesAtRate({ system, door, processor, client }, steady, perSecond);
    const [p50, p99] = [quantileOfWhole(0.5, times), quantileOfWhole(0.99, times)];
    say(`  p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
    return { values: { [P50]: p50, [P99]: p99 }, ledger: await readLedger(system, warming.length + steady.length) };
  } finally {
    client.close();
  }
}
