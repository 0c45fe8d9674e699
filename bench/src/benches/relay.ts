import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@hookline/test-support';
import type { Bench, BenchContext, Measured, Side } from '../bench.ts';
import type { Usage } from '../programs/leave-outcome.ts';
import { openOutbox } from '../relay/outbox.ts';
import { startReceiver, type Receiver } from '../relay/receiver.ts';
import { withSystem, type Main, type System } from '../system/open-system.ts';
import { endedTooSoon, expectGoodEnd } from '../system/program-end.ts';
import { programOf } from '../system/start-door.ts';

const EFFECTS = 30_000;
const REPOSITORIES = 1000;
/** Towards the end some repositories have nothing left to send. */
const BUSY = 0.9;
const PATIENCE_MS = 20 * 60_000;

const RELAY: Main = { source: 'services/relay/src/main.ts', dist: 'services/relay/dist/main.js' };
const LEAVE_USAGE = new URL('../programs/leave-usage.ts', import.meta.url).href;

const RATE = 'posted';
const CPU = 'CPU time of the process per effect, start included';

/** What it costs to send effects once, in order, with every attempt recorded before it begins. */
const bare: Bench = {
  name: 'relay',
  about: `${EFFECTS} posts that wait in the outbox, by a relay, against a bare loop that reads and posts them.`,
  sides: { baseline: 'bare loop', subject: 'relay' },
  figures: [
    { name: RATE, unit: 'effects/s', target: { atLeast: 0.8 } },
    { name: CPU, unit: 'µs' },
  ],
  measure: (side, context) => withSystem(context, (system) => measure(side, 'bare-sender', context, system)),
};

/** What of that is the relay, and not the promise. */
const durable: Bench = {
  name: 'relay-durable',
  about: `The same, against a loop that records each attempt before it begins and its end behind it, and does no more.`,
  sides: { baseline: 'durable loop', subject: 'relay' },
  figures: [
    { name: RATE, unit: 'effects/s' },
    { name: CPU, unit: 'µs' },
  ],
  measure: (side, context) => withSystem(context, (system) => measure(side, 'durable-sender', context, system)),
};

export const relays: readonly Bench[] = [bare, durable];

type Baseline = 'bare-sender' | 'durable-sender';

async function measure(
  side: Side,
  baseline: Baseline,
  { scale, say }: BenchContext,
  system: System,
): Promise<Measured> {
  const effects = Math.ceil(EFFECTS * scale);
  const receiver = await startReceiver();
  try {
    const request = { url: receiver.url, body: JSON.stringify({ text: 'x'.repeat(200) }), headers: {}, signWith: null };
    await (await openOutbox(system, { kind: 'http.post', request })).fill(effects, REPOSITORIES);
    await system.database.query('vacuum (analyze) hookline.outbox');
    await system.database.query('checkpoint');
    const { cpuSeconds } = await send(side === 'subject' ? 'relay' : baseline, system, receiver, effects);
    const [first = 0] = receiver.times;
    const busy = Math.floor(effects * BUSY);
    const rate = busy / (((receiver.times[busy] ?? 0) - first) / 1000);
    say(`  ${rate.toFixed(0)} effects/s`);
    // What came twice is not sent once, though both sides may say so.
    const twice = receiver.times.length - receiver.distinct();
    if (twice > 0) throw new Error(`${twice} posts came again.`);
    return {
      values: { [RATE]: rate, [CPU]: (cpuSeconds / effects) * 1e6 },
      ledger: { published: effects, completed: receiver.distinct(), missing: 0 },
    };
  } finally {
    await receiver.close();
  }
}

async function send(by: 'relay' | Baseline, system: System, receiver: Receiver, effects: number): Promise<Usage> {
  const usageFile = join(system.directory, 'sender.json');
  const env = { BENCH_USAGE: usageFile, HOOKLINE_OUTBOUND_ALLOW: '127.0.0.1', NODE_OPTIONS: `--import=${LEAVE_USAGE}` };
  const process = system.start(by === 'relay' ? RELAY : programOf(by), { env });
  const isDone = async () =>
    receiver.distinct() >= effects && (by === 'bare-sender' || (await countSettled(system)) === effects);
  const done = until(`all ${effects} posts have come, and are settled`, isDone, PATIENCE_MS);
  done.catch(() => {});
  await Promise.race([done, endedTooSoon('The sender', process.ended)]);
  expectGoodEnd('The sender', await process.stop());
  return JSON.parse(await readFile(usageFile, 'utf8')) as Usage;
}

async function countSettled({ database }: System): Promise<number> {
  const { rows } = await database.query<{ n: number }>('select count(*)::integer as n from hookline.settled_effects');
  return rows[0]?.n ?? 0;
}
