import type { Bench, BenchContext, Measured } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { expectOnly, postAll } from '../load/post-prepared.ts';
import { openRawClient, prepareRequests } from '../load/raw-http.ts';
import { timesAtRate } from '../load/times-at-rate.ts';
import { readLedger } from '../observe/read-ledger.ts';
import { BUSY, readRate } from '../observe/read-rate.ts';
import { untilCaughtUp } from '../observe/waits.ts';
import { quantileOfWhole } from '../statistics.ts';
import { withSystem, type System } from '../system/open-system.ts';
import { INGEST, startDoor } from '../system/start-door.ts';

const REPOSITORIES = 1000;
const AT_ONCE = 64;
/** Until the processor reads, and its code is compiled. */
const WARMING = 4000;
const SATURATING = 10_000;
const HALF = 0.5;
const SECONDS = 15;

const CAPACITY = 'capacity, from end to end';
const P50 = 'accept to commit at half of it, median';
const P99 = 'accept to commit at half of it, p99';

/** How long a delivery takes while there is nothing that it would have to wait for. */
export const latency: Bench = {
  name: 'latency',
  about: "GitHub's examples at half of what the machine takes, from ingest's answer in sight to the effect committed.",
  sides: { subject: 'half load' },
  figures: [
    { name: P50, unit: 'ms', target: { atMost: 10 } },
    { name: P99, unit: 'ms', target: { atMost: 40 } },
    { name: CAPACITY, unit: 'deliveries/s' },
  ],
  measure: (_, context) => withSystem(context, (system) => measure(context, system)),
};

async function measure({ scale, say }: BenchContext, system: System): Promise<Measured> {
  const door = await startDoor(system, INGEST);
  const processor = system.startProcessor({ keepLatencies: true });
  const prepare = (count: number) => prepareRequests(door.url, repositoriesInTurn(count, REPOSITORIES), 'examples');
  const client = openRawClient(door.url);
  try {
    const saturate = async (count: number): Promise<number> => {
      const requests = prepare(Math.ceil(count * scale));
      const since = Date.now();
      expectOnly(await postAll(client, requests, { count: requests.length, atOnce: AT_ONCE }), 202);
      await untilCaughtUp(system);
      return (await readRate(system.database, { stage: 'log', decision: 'processed', since, share: BUSY })).perSecond;
    };
    await saturate(WARMING);
    const capacity = await saturate(SATURATING);

    const steady = prepare(Math.ceil(capacity * HALF * SECONDS * scale));
    const times = await timesAtRate({ system, door, processor, client }, steady, capacity * HALF);
    const values = {
      [P50]: quantileOfWhole(0.5, times),
      [P99]: quantileOfWhole(0.99, times),
      [CAPACITY]: capacity,
    };
    say(`  p50 ${values[P50]?.toFixed(1)} ms, p99 ${values[P99]?.toFixed(1)} ms at ${(capacity * HALF).toFixed(0)}/s`);
    const published = Math.ceil(WARMING * scale) + Math.ceil(SATURATING * scale) + steady.length;
    return { values, ledger: await readLedger(system, published) };
  } finally {
    client.close();
  }
}
