import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '@hookline/test-support';
import type { BenchContext } from '../bench.ts';
import type { Usage } from '../programs/leave-outcome.ts';
import { withSystem, type System } from '../system/open-system.ts';
import type { RelayBench, RelayOptions } from './arguments.ts';
import { openOutbox } from './outbox.ts';
import { expectGoodEnd } from '../system/program-end.ts';

/** Figures by their names. */
export type RelayReport = Record<string, number>;

const PATIENCE_MS = 30 * 60_000;
const RELAY = { source: 'services/relay/src/main.ts', dist: 'services/relay/dist/main.js' };
const KINDS = fileURLToPath(new URL('sink-kinds.ts', import.meta.url));
/** Longer than any send, and no multiple of a poll: each finds the relay idle. */
const BETWEEN_MS = 37;

export function runRelay(
  bench: RelayBench,
  options: Omit<RelayOptions, 'json'>,
  context: Pick<BenchContext, 'stack' | 'from' | 'profiles' | 'say'>,
): Promise<RelayReport> {
  const run = bench === 'relay-backlog' ? backlog : latency;
  return withSystem(context, (system) => run(system, options, context.say));
}

type Options = Omit<RelayOptions, 'json'>;
type Say = BenchContext['say'];

async function backlog(system: System, { effects, repositories }: Options, say: Say): Promise<RelayReport> {
  const outbox = await openOutbox(system);
  say(`writing ${effects} effects of ${repositories} repositories`);
  await outbox.fill(effects, repositories);
  await system.database.query('analyze hookline.outbox');
  await system.database.query('checkpoint');
  const relay = startRelay(system);
  await untilSettled(system, effects);
  const usage = await relay.stop();
  await expectSent(system);
  const perSecond = await readSentRate(system);
  return { effects, repositories, perSecond, peakRssMiB: usage.peakRssBytes / 2 ** 20, cpuSeconds: usage.cpuSeconds };
}

async function latency(system: System, { effects, repositories }: Options): Promise<RelayReport> {
  const outbox = await openOutbox(system);
  const relay = startRelay(system);
  await relay.hasShards();
  const committed: number[] = [];
  for (let n = 0; n < effects; n++) {
    committed.push(await outbox.writeOne((n % repositories) + 1));
    await delay(BETWEEN_MS);
  }
  await untilSettled(system, effects);
  const usage = await relay.stop();
  const { rows } = await system.database.query<{ at: number }>(
    `select (settled.result->>'at')::float8 as at
       from hookline.settled_effects as settled order by at`,
  );
  // One after another, each long behind the last: their order is that of their commits.
  const times = rows.map(({ at }, n) => at - (committed[n] as number)).toSorted((one, other) => one - other);
  const quantile = (q: number) => times[Math.min(times.length - 1, Math.floor(q * times.length))] as number;
  return { effects, medianMs: quantile(0.5), p99Ms: quantile(0.99), maxMs: quantile(1), cpuSeconds: usage.cpuSeconds };
}

function startRelay(system: System) {
  const usageFile = join(system.directory, 'relay.json');
  const relay = system.start(RELAY, { env: { HOOKLINE_EFFECT_KINDS_MODULE: KINDS, BENCH_USAGE: usageFile } });
  return {
    hasShards: () => relay.logged('took shards of the outbox'),
    async stop(): Promise<Usage> {
      expectGoodEnd('The relay', await relay.stop());
      return JSON.parse(await readFile(usageFile, 'utf8')) as Usage;
    },
  };
}

async function untilSettled({ database }: System, effects: number): Promise<void> {
  const isSettled = async (): Promise<boolean> => {
    await delay(500);
    const { rows } = await database.query<{ n: number }>(`select count(*)::integer as n from hookline.settled_effects`);
    return rows[0]?.n === effects;
  };
  await until('all effects are settled', isSettled, PATIENCE_MS);
}

/** By the database's clock, between the first and the last transaction: what the start needs plays no part. */
async function readSentRate({ database }: System): Promise<number> {
  const { rows } = await database.query<{ rate: number }>(
    `with sent as (select recorded_at as at from hookline.audit_log where stage = 'effect' and decision = 'sent'),
          bounds as (select min(at) as first, max(at) as last from sent)
     select count(*) filter (where at < last) / extract(epoch from max(last) - min(first))::float8 as rate
       from sent, bounds`,
  );
  return (rows[0] as { rate: number }).rate;
}

/** A bench that sends again, or fails, measures something else. */
async function expectSent({ database }: System): Promise<void> {
  const { rows } = await database.query<{ n: number }>(
    `select count(*)::integer as n from hookline.audit_log where stage = 'effect' and (decision <> 'sent' or attempt <> 1)`,
  );
  if (rows[0]?.n !== 0) throw new Error(`${rows[0]?.n} attempts did not send what they were for.`);
}
