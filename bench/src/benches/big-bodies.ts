import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, BenchContext, Measured } from '../bench.ts';
import { bigRequest } from '../load/big-request.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { note, expectOnly, postAll, type Answers } from '../load/post-prepared.ts';
import { openRawClient, prepareRequests } from '../load/raw-http.ts';
import { memoryOf, resetPeak } from '../observe/memory-of.ts';
import { countPublished } from '../observe/read-ledger.ts';
import { withSystem, type System } from '../system/open-system.ts';
import { INGEST, startDoor } from '../system/start-door.ts';

/** An ingest that has been working: its code is compiled, its heap has the size of everyday. */
const WARMING = 4000;
const AT_ONCE = 16;
const BIG = 10;
const REPOSITORIES = 100;
/** Long enough for a collection of garbage that is due, and for what it frees to be given back. */
const IDLE_MS = 2000;

const MEMORY = 'peak memory (RSS) above idle, in bodies';
const STALL = 'longest stall of the event loop';
const TIME = 'answered after, mean';

/** What one delivery of the largest size takes, and what it does to the small ones that come meanwhile. */
export const bigBodies: Bench = {
  name: 'big-bodies',
  about: 'bodies of 25 MB through ingest, one after another.',
  sides: { subject: 'ingest' },
  figures: [
    { name: MEMORY, unit: 'bodies', target: { atMost: 4 } },
    { name: STALL, unit: 'ms' },
    { name: TIME, unit: 'ms' },
  ],
  measure: (_, context) => withSystem(context, (system) => measure(context, system)),
};

async function measure({ scale, say }: BenchContext, system: System): Promise<Measured> {
  const size = (full: number) => Math.ceil(full * scale);
  const stalls = join(system.directory, 'stalls.json');
  const door = await startDoor(system, INGEST, { BENCH_STALLS: stalls, NODE_OPTIONS: `--import=${LEAVE_STALLS}` });
  const client = openRawClient(door.url);
  try {
    const small = prepareRequests(door.url, repositoriesInTurn(size(WARMING), REPOSITORIES), 'examples');
    expectOnly(await postAll(client, small, { count: small.length, atOnce: AT_ONCE }), 202);
    // What the sender itself does must not be in the time: its garbage is collected by the same cores.
    const big = Array.from({ length: size(BIG) }, (_, n) => bigRequest(door.url, 1 + n));
    await delay(IDLE_MS * scale);
    const { rss } = await memoryOf(door.pid);
    await resetPeak(door.pid);
    door.signal('SIGUSR2');

    const answers: Answers = new Map();
    const startedAt = performance.now();
    for (const { request } of big) note(answers, await client.post(request));
    const took = performance.now() - startedAt;
    expectOnly(answers, 202);
    const { peakRss } = await memoryOf(door.pid);
    await door.stop();
    const { longestMs } = JSON.parse(await readFile(stalls, 'utf8')) as { longestMs: number };
    const bodies = (peakRss - rss) / (big[0]?.bodyBytes ?? 0);
    say(
      `  ${bodies.toFixed(2)} bodies above ${(rss / 2 ** 20).toFixed(0)} MiB, ${longestMs.toFixed(0)} ms of standstill`,
    );
    return {
      values: { [MEMORY]: bodies, [STALL]: longestMs, [TIME]: took / big.length },
      ledger: { published: small.length + big.length, completed: await countPublished(system), missing: 0 },
    };
  } finally {
    client.close();
  }
}

const LEAVE_STALLS = new URL('../programs/leave-stalls.ts', import.meta.url).href;
