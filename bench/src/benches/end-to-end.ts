import type { Bench, BenchContext, Measured } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { expectOnly, postAll } from '../load/post-prepared.ts';
import { openRawClient, prepareRequests } from '../load/raw-http.ts';
import { readLedger } from '../observe/read-ledger.ts';
import { BUSY, readRate } from '../observe/read-rate.ts';
import { untilCaughtUp } from '../observe/waits.ts';
import { withSystem, type System } from '../system/open-system.ts';
import { INGEST, startDoor } from '../system/start-door.ts';

const REPOSITORIES = 1000;
const AT_ONCE = 64;
const WARMING = 4000;
const POSTED = 16_000;

const RATE = 'from end to end';
const INGEST_CPU = 'CPU time of ingest per delivery, start included';
const PROCESSOR_CPU = 'CPU time of the processor per delivery, start included';

/** What one machine does with all of it: the load, the door, the log, the processor and the database. */
export const endToEnd: Bench = {
  name: 'end-to-end',
  about:
    "GitHub's examples from the sender to the effect committed, with sender, servers and services on this machine.",
  sides: { subject: 'all of it' },
  figures: [
    { name: RATE, unit: 'deliveries/s', target: { atLeast: 4000 } },
    { name: INGEST_CPU, unit: 'µs' },
    { name: PROCESSOR_CPU, unit: 'µs' },
  ],
  measure: (_, context) => withSystem(context, (system) => measure(context, system)),
};

async function measure({ scale, say }: BenchContext, system: System): Promise<Measured> {
  const size = (full: number) => Math.ceil(full * scale);
  const door = await startDoor(system, INGEST);
  const processor = system.startProcessor({});
  const published = size(WARMING) + size(POSTED);
  const requests = prepareRequests(door.url, repositoriesInTurn(published, REPOSITORIES), 'examples');
  const client = openRawClient(door.url);
  try {
    const warming = { count: size(WARMING), atOnce: AT_ONCE };
    expectOnly(await postAll(client, requests.splice(0, warming.count), warming), 202);
    await untilCaughtUp(system);
    const since = Date.now();
    expectOnly(await postAll(client, requests, { count: requests.length, atOnce: AT_ONCE }), 202);
    await untilCaughtUp(system);
    const [ingest, processed] = [await door.stop(), await processor.stop()];
    const { perSecond } = await readRate(system.database, { stage: 'log', decision: 'processed', since, share: BUSY });
    say(`  ${perSecond.toFixed(0)} deliveries/s`);
    const each = (seconds: number) => (seconds / published) * 1e6;
    return {
      values: {
        [RATE]: perSecond,
        [INGEST_CPU]: each(ingest.cpuSeconds),
        [PROCESSOR_CPU]: each(processed.cpuSeconds),
      },
      ledger: await readLedger(system, published),
    };
  } finally {
    client.close();
  }
}
