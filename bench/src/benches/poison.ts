import type { Bench, BenchContext, Measured, Side } from '../bench.ts';
import { keyOf, repositoriesInTurn } from '../load/deliveries.ts';
import { fillLog } from '../load/fill-log.ts';
import { postAtOnce, postSteadily } from '../load/webhooks.ts';
import { readLedger } from '../observe/read-ledger.ts';
import { BUSY, readRate } from '../observe/read-rate.ts';
import { countWaiting, untilCaughtUp } from '../observe/waits.ts';
import { quantileOfWhole } from '../statistics.ts';
import { withSystem, type System } from '../system/open-system.ts';

const REPOSITORIES = 1000;
/** The first of each turn: however small a run, it has its share. */
const POISONED = 1;

/** Worked off by the processor alone, as fast as it can: here it is what limits. */
const BACKLOG = 100_000;
/** Well below what two cores can take with load, services and servers on them. */
const STEADY_PER_SECOND = 50;
const STEADY_SECONDS = 30;
/** More at once than ingest and processor can keep up with. */
const AT_ONCE = 64;
const SATURATING = 15_000;

const BACKLOG_RATE = 'the others from a full log';
const LATENCY = 'the others, accept to commit, median';
const LATENCY_P99 = 'the others, accept to commit, p99';
const END_TO_END_RATE = 'the others from end to end, saturated';
const CPU = 'CPU time of the processor, start included';

/** What a repository that always fails does to the other repositories. */
export const poison: Bench = {
  name: 'poison',
  about: `one repository of ${REPOSITORIES} always fails, against the same load with none that does; measured are the others.`,
  sides: { baseline: 'healthy', subject: 'poisoned' },
  figures: [
    { name: BACKLOG_RATE, unit: 'records/s', target: { atLeast: 0.95 } },
    { name: END_TO_END_RATE, unit: 'deliveries/s', target: { atLeast: 0.95 } },
    { name: LATENCY, unit: `ms at ${STEADY_PER_SECOND}/s`, target: { atMost: 1.05 } },
    { name: LATENCY_P99, unit: `ms at ${STEADY_PER_SECOND}/s` },
    { name: CPU, unit: 's' },
  ],
  measure: (side, context) => withSystem(context, (system) => measure(side, context, system)),
};

/** One after another on one system: a full log, a steady load, and as much load as it takes. */
async function measure(side: Side, { scale, say }: BenchContext, system: System): Promise<Measured> {
  const turn = (count: number) => repositoriesInTurn(Math.ceil(count * scale), REPOSITORIES);
  const except = keyOf(POISONED);
  const processed = async (since: number, before?: number): Promise<number> =>
    (await readRate(system.database, { stage: 'log', decision: 'processed', since, before, except, share: BUSY }))
      .perSecond;

  const filledAt = Date.now();
  await fillLog(system, { repositories: turn(BACKLOG) });
  const url = await system.startIngest();
  const processor = system.startProcessor({
    failingKeys: side === 'subject' ? [except] : [],
    keepLatencies: true,
  });
  await untilCaughtUp(system);

  const steadyAt = Date.now();
  await postSteadily(url, turn(STEADY_PER_SECOND * STEADY_SECONDS), STEADY_PER_SECOND);
  await untilCaughtUp(system);

  const saturatedAt = Date.now();
  await postAtOnce(url, turn(SATURATING), AT_ONCE);
  await untilCaughtUp(system);

  await expectPoison(side, system);
  const { latencies, cpuSeconds } = await processor.stop();
  const steady = latencies.filter(({ receivedAt }) => receivedAt >= steadyAt && receivedAt < saturatedAt);
  const times = steady.map(({ ms }) => ms);
  const values = {
    [BACKLOG_RATE]: await processed(filledAt, steadyAt),
    [LATENCY]: quantileOfWhole(0.5, times),
    [LATENCY_P99]: quantileOfWhole(0.99, times),
    [END_TO_END_RATE]: await processed(saturatedAt),
    [CPU]: cpuSeconds,
  };
  say(
    `  ${side}: ${Object.values(values)
      .map((value) => value.toFixed(1))
      .join(', ')}`,
  );
  const published = [BACKLOG, STEADY_PER_SECOND * STEADY_SECONDS, SATURATING].map((count) => Math.ceil(count * scale));
  return {
    values,
    ledger: await readLedger(
      system,
      published.reduce((sum, count) => sum + count),
    ),
  };
}

/** Whoever waits must be the poisoned repository with all of its deliveries, and nobody else. */
async function expectPoison(side: Side, { database }: System): Promise<void> {
  const { rows } = await database.query<{ key: string; undecided: string }>(
    `select ordering_key as key, count(*) as undecided from hookline.audit_log
      where stage = 'log' and decision not in ('processed', 'duplicate')
      group by ordering_key order by ordering_key limit 10`,
  );
  const waiting = await countWaiting({ database });
  const expected = side === 'subject' ? [{ key: keyOf(POISONED), undecided: String(waiting) }] : [];
  if (JSON.stringify(rows) !== JSON.stringify(expected) || waiting > 0 !== (side === 'subject')) {
    throw new Error(`Not what was meant: ${waiting} wait, and of the log were not processed ${JSON.stringify(rows)}.`);
  }
}
