import type { BenchContext, Measured } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { expectOnly, postAll } from '../load/post-prepared.ts';
import { openRawClient, prepareRequests } from '../load/raw-http.ts';
import type { PayloadSet } from '../load/payloads.ts';
import { withSystem } from '../system/open-system.ts';
import { INGEST, startDoor } from '../system/start-door.ts';
import { BACKLOG_SERIES, backlogPoint } from './backlog.ts';
import type { Curve } from './curve.ts';

const REPOSITORIES = 1000;
/** What the log is filled with at most: large bodies are few. */
const BYTES = 400e6;
const MOST = 100_000;
const MOST_POSTED = 10_000;
/** Posted in turn; their bytes are made before the clock runs. */
const PREPARED_BYTES = 64e6;
const AT_ONCE = 64;
/** What waits for the log at once while it is filled. */
const WAITING_BYTES = 32e6;

const TAKEN = 'ingest';
const INGEST_MEMORY = 'peak memory of ingest (RSS)';

export const bodySizeCurve: Curve = {
  name: 'body-size',
  about: "Deliveries with bodies of so many bytes of JSON, of the text of GitHub's examples.",
  x: { label: 'bytes of a body', at: [300, 2000, 8000, 32_000, 128_000, 1_000_000] },
  series: [{ name: TAKEN, unit: 'records/s' }, { name: INGEST_MEMORY, unit: 'MiB' }, ...BACKLOG_SERIES],
  async measure(x, context) {
    const payloads: PayloadSet = `${x} bytes`;
    const records = Math.min(MOST, Math.ceil(BYTES / x));
    const door = await taken(x, payloads, context);
    const backlog = await backlogPoint(context, {
      records,
      repositories: (count) => repositoriesInTurn(count, REPOSITORIES),
      payloads,
      atOnce: Math.ceil(Math.min(AT_ONCE, WAITING_BYTES / x)),
    });
    return { values: { ...door, ...backlog.values }, ledger: backlog.ledger };
  },
};

/** By an ingest that is warm; nothing is processed meanwhile. */
function taken(bytes: number, payloads: PayloadSet, context: BenchContext): Promise<Measured['values']> {
  return withSystem(context, async (system) => {
    const count = Math.ceil(Math.min(MOST_POSTED, BYTES / bytes) * context.scale);
    const prepared = Math.ceil(Math.min(count, PREPARED_BYTES / bytes));
    const door = await startDoor(system, INGEST);
    const client = openRawClient(door.url);
    try {
      const requests = prepareRequests(door.url, repositoriesInTurn(prepared, REPOSITORIES), payloads);
      expectOnly(await postAll(client, requests, { count, atOnce: AT_ONCE }), 202);
      const startedAt = performance.now();
      expectOnly(await postAll(client, requests, { count, atOnce: AT_ONCE }), 202);
      const perSecond = count / ((performance.now() - startedAt) / 1000);
      const { peakRssBytes } = await door.stop();
      context.say(`  ${perSecond.toFixed(0)} deliveries/s taken`);
      return { [TAKEN]: perSecond, [INGEST_MEMORY]: peakRssBytes / 2 ** 20 };
    } finally {
      client.close();
    }
  });
}
