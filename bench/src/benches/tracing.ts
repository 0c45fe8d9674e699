import { randomBytes } from 'node:crypto';
import { startTraceReceiver } from '@hookline/test-support';
import type { Bench, BenchContext, Measured, Side } from '../bench.ts';
import { repositoriesInTurn } from '../load/deliveries.ts';
import { postAtOnce } from '../load/webhooks.ts';
import { fillLog } from '../load/fill-log.ts';
import { readLedger } from '../observe/read-ledger.ts';
import { BUSY, readRate } from '../observe/read-rate.ts';
import { untilCaughtUp } from '../observe/waits.ts';
import { withSystem, type System } from '../system/open-system.ts';

const REPOSITORIES = 1000;
const RATIO = '0.01';
/** Worked off by the processor alone, as fast as it can. */
const BACKLOG = 60_000;
/** Taken by ingest alone, as fast as it can: no processor runs. */
const AT_ONCE = 64;
const POSTED = 15_000;

const INGEST = 'taken by ingest';
const PROCESSOR = 'processed from a full log';
const CPU = 'CPU time of the processor, start included';

/** What traces cost where one in a hundred is recorded. */
export const tracing: Bench = {
  name: 'tracing',
  about: `1 % of all traces recorded and sent, against the same load with none made.`,
  sides: { baseline: 'off', subject: '1 %' },
  figures: [
    { name: INGEST, unit: 'deliveries/s', target: { atLeast: 0.97 } },
    { name: PROCESSOR, unit: 'records/s', target: { atLeast: 0.97 } },
    { name: CPU, unit: 's' },
  ],
  async measure(side, context) {
    const receiver = await startTraceReceiver();
    const env: Record<string, string> =
      side === 'subject' ? { HOOKLINE_TRACES_ENDPOINT: receiver.url, HOOKLINE_TRACES_SAMPLE_RATIO: RATIO } : {};
    try {
      const measured = await withSystem(context, (system) => measure(context, system, env));
      expectTraces(side, receiver.spans.length);
      return measured;
    } finally {
      await receiver.close();
    }
  },
};

/** What ingest has taken is processed with what was put there beside it, under headers as such an ingest would have written. */
async function measure({ scale, say }: BenchContext, system: System, env: Record<string, string>): Promise<Measured> {
  const turn = (count: number) => repositoriesInTurn(Math.ceil(count * scale), REPOSITORIES);
  const url = await system.startIngest(env);
  const startedAt = performance.now();
  await postAtOnce(url, turn(POSTED), AT_ONCE);
  const ingest = Math.ceil(POSTED * scale) / ((performance.now() - startedAt) / 1000);

  const isTraced = 'HOOKLINE_TRACES_ENDPOINT' in env;
  await fillLog(system, { repositories: turn(BACKLOG), ...(isTraced && { traceparent: newTraceparent }) });
  const processor = system.startProcessor({ env });
  await untilCaughtUp(system);
  const { cpuSeconds } = await processor.stop();
  const { perSecond } = await readRate(system.database, { stage: 'log', decision: 'processed', share: BUSY });
  say(`  ${ingest.toFixed(0)} deliveries/s taken, ${perSecond.toFixed(0)} records/s processed`);
  const published = Math.ceil(POSTED * scale) + Math.ceil(BACKLOG * scale);
  return {
    values: { [INGEST]: ingest, [PROCESSOR]: perSecond, [CPU]: cpuSeconds },
    ledger: await readLedger(system, published),
  };
}

function newTraceparent(): string {
  const flags = Math.random() < Number(RATIO) ? '01' : '00';
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-${flags}`;
}

function expectTraces(side: Side, spans: number): void {
  if ((side === 'subject') !== spans > 0) throw new Error(`${spans} spans were received with tracing ${side}.`);
}
