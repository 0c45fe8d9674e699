import type { Bench, BenchContext, Measured, Side } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { postAtRate } from '../load/post-at-rate.ts';
import { expectOnly, postAll } from '../load/post-prepared.ts';
import { openRawClient, prepareRequests } from '../load/raw-http.ts';
import { countPublished } from '../observe/read-ledger.ts';
import { withSystem, type System } from '../system/open-system.ts';
import { INGEST, startDoor } from '../system/start-door.ts';

const REPOSITORIES = 1000;
const AT_ONCE = 64;
const WARMING = 4000;
const PEAK = 12_000;
const TWICE = 2;
const SECONDS = 10;
const PREPARED = 2800;
/** GitHub gives up then; what is answered later has done nobody good. */
const DEADLINE_MS = 10_000;

const GOODPUT = 'accepted in time';
const REFUSED = 'refused or late';

/** What a door does to which twice as much comes as it can take. */
export const overload: Bench = {
  name: 'overload',
  about: `webhooks accepted within ${DEADLINE_MS / 1000} s while twice as many come as ingest takes, against the most that it takes.`,
  sides: { baseline: 'peak', subject: 'twice' },
  figures: [
    { name: GOODPUT, unit: 'deliveries/s' },
    { name: REFUSED, unit: '% of all', of: 'value' },
  ],
  measure: (side, context) => withSystem(context, (system) => measure(side, context, system)),
};

async function measure(side: Side, { scale, say }: BenchContext, system: System): Promise<Measured> {
  const size = (full: number) => Math.ceil(full * scale);
  const door = await startDoor(system, INGEST);
  const bank = prepareRequests(door.url, repositoriesInTurn(Math.min(PREPARED, size(PEAK)), REPOSITORIES), 'examples');
  const client = openRawClient(door.url);
  try {
    const saturate = async (count: number): Promise<number> => {
      const startedAt = performance.now();
      expectOnly(await postAll(client, bank, { count, atOnce: AT_ONCE }), 202);
      return count / ((performance.now() - startedAt) / 1000);
    };
    await saturate(size(WARMING));
    const peak = await saturate(size(PEAK));
    const before = size(WARMING) + size(PEAK);
    if (side === 'baseline') {
      return {
        values: { [GOODPUT]: peak, [REFUSED]: 0 },
        ledger: { published: before, completed: await countPublished(system), missing: 0 },
      };
    }
    const many = Array.from(
      { length: Math.ceil(peak * TWICE * SECONDS * scale) },
      (_, n) => bank[n % bank.length] as Buffer,
    );
    const { answers, seconds } = await postAtRate(client, many, { perSecond: peak * TWICE, deadlineMs: DEADLINE_MS });
    const accepted = answers.get(202) ?? 0;
    const goodput = accepted / seconds;
    say(`  ${goodput.toFixed(0)} of ${(peak * TWICE).toFixed(0)}/s accepted in time, at a peak of ${peak.toFixed(0)}`);
    const values = { [GOODPUT]: goodput, [REFUSED]: (1 - accepted / many.length) * 100 };
    return { values, ledger: await settle(system, before, many.length, accepted) };
  } finally {
    client.close();
  }
}

/** What was not accepted in time may be in the log or not. What was must be. */
async function settle(system: System, before: number, posted: number, accepted: number): Promise<Measured['ledger']> {
  const published = before + posted;
  const completed = Math.min(await countPublished(system), published);
  if (completed < before + accepted)
    throw new Error(`${before + accepted} were accepted, ${completed} are in the log.`);
  return { published, completed, missing: published - completed };
}
