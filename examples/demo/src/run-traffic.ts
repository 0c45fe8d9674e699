import { randomUUID } from 'node:crypto';
import type { Database } from '@hookline/database';
import { createSchemaRegistry, readTopicEnds, type PartitionOffsets } from '@hookline/kafka';
import type { Logger } from '@hookline/runtime';
import { waitUntilCaughtUp } from './observe/catch-up.ts';
import { readActivity, readAudit, readNextOffsets } from './observe/database.ts';
import { difference, parseHistogram, type Histogram } from './observe/histogram.ts';
import { readLog } from './observe/log.ts';
import type { Progress } from './progress/progress.ts';
import { runEffects } from './effects/run-effects.ts';
import { runFailure } from './failure/run-failure.ts';
import { runOperators } from './operators/run-operators.ts';
import { buildReport } from './report/build-report.ts';
import type { Report } from './report/row.ts';
import type { RunningSystem } from './start-system.ts';
import { targetOf } from './supervisor/environment.ts';
import { logTail } from './supervisor/log-tail.ts';
import { loadExamples } from './traffic/examples.ts';
import { planTraffic } from './traffic/plan.ts';
import { sendLanes } from './traffic/send.ts';

export interface TrafficOptions {
  system: RunningSystem;
  database: Database;
  large: boolean;
  progress: Progress;
  logger: Logger;
  signal: AbortSignal;
}

const LATENCY = 'hookline_accept_to_commit_seconds';
const PATIENCE_MS = 60_000;

/** Sends the demo's traffic through the running system, waits for its effects, and compares them with what was sent. */
export async function runTraffic({
  system,
  database,
  large,
  progress,
  logger,
  signal,
}: TrafficOptions): Promise<Report> {
  const { local, ingest, processor, jobs, relay } = system;
  const connection = { brokers: local.brokers, clientId: 'hookline-demo' };
  const target = targetOf(local.webhookSecret);
  const lanes = planTraffic({ examples: loadExamples(), target, newGuid: randomUUID, large });
  const planned = lanes.flat();
  const caughtUp = async (): Promise<PartitionOffsets> => {
    const ends = await readTopicEnds(connection, logger, local.topic);
    await waitUntilCaughtUp(ends, () => readNextOffsets(database, local.topic), {
      patienceMs: PATIENCE_MS,
      signal,
      explain: () => logTail(processor.logFile),
    });
    return ends;
  };

  // What an earlier run left unprocessed must not be counted as this one's.
  const [from, activityBefore, latencyBefore] = await progress.step('wait for the processor to be idle', async () => [
    await caughtUp(),
    await readActivity(database),
    await readLatency(local.processorHealthUrl),
  ]);
  const exchanges = await progress.step(`send ${planned.length} requests`, () =>
    sendLanes(local.ingestUrl, lanes, signal),
  );
  const to = await progress.step('wait until all is processed', caughtUp);
  const seen = await progress.step('read log and database', async () => {
    const registry = createSchemaRegistry({ url: local.registryUrl, timeoutMs: 10_000 }, logger);
    const guids = [...new Set(planned.flatMap(({ guid }) => guid ?? []))];
    const log = await readLog(connection, registry, logger, { topic: local.topic, from, to });
    const mine = new Set(guids);
    return {
      log: log.filter(({ guid }) => mine.has(guid)),
      audit: await readAudit(database, local.topic, guids),
      activityAfter: await readActivity(database),
      acceptToCommit: difference(await readLatency(local.processorHealthUrl), latencyBefore),
    };
  });
  const failure = await runFailure({ system, database, progress, signal, untilCaughtUp: caughtUp });
  const operators = await runOperators({ system, database, progress, signal, untilCaughtUp: caughtUp });
  const effects = await runEffects({ system, database, progress, signal });
  const services = [ingest, processor, jobs, relay];
  const restarts = services.reduce((sum, service) => sum + service.restarts(), -effects.kills);
  return buildReport({ planned, exchanges, activityBefore, ...seen, failure, operators, effects, restarts });
}

async function readLatency(healthUrl: string): Promise<Histogram> {
  const response = await fetch(`${healthUrl}/metrics`, { signal: AbortSignal.timeout(5_000) });
  return parseHistogram(await response.text(), LATENCY);
}
