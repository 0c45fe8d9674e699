import { randomUUID } from 'node:crypto';
import type { Database } from '@hookline/database';
import { DemoError } from '../demo-error.ts';
import { poll } from '../poll.ts';
import type { Progress } from '../progress/progress.ts';
import type { RunningSystem } from '../start-system.ts';
import { logTail } from '../supervisor/log-tail.ts';
import { targetOf } from '../supervisor/environment.ts';
import { loadExamples } from '../traffic/examples.ts';
import type { WebhookRequest } from '../traffic/request.ts';
import { sendLanes, type Exchange } from '../traffic/send.ts';
import { countFromLane, readDeployments, readLane, type Deployment, type Lane } from './observe.ts';
import { planFailure, type FailurePlan } from './plan.ts';

/** What was seen of a repository that failed, and of those beside it. */
export interface FailureObservation {
  plan: FailurePlan;
  /** In the order of sending within each key. */
  exchanges: readonly Exchange[];
  /** Before the handler was mended: its lane, and what was noted of all repositories. */
  waiting: Lane;
  notedMeanwhile: readonly Deployment[];
  /** When all was over. */
  left: Lane;
  noted: readonly Deployment[];
  fromLane: number;
  recoveryMs: number;
}

export interface FailureOptions {
  system: RunningSystem;
  database: Database;
  progress: Progress;
  signal: AbortSignal;
  /** Resolves when all that is in the log has been decided. */
  untilCaughtUp: () => Promise<unknown>;
}

/** Tries that must have failed before the handler is mended. */
export const LEAST_TRIES = 5;
const PATIENCE_MS = 60_000;

/** Breaks a handler for one repository, sends deliveries of it and of others, mends the handler, and sends some more. */
export async function runFailure(options: FailureOptions): Promise<FailureObservation> {
  const { system, database, progress, signal, untilCaughtUp } = options;
  const { topic, partitions, ingestUrl } = system.local;
  const target = targetOf(system.local.webhookSecret);
  const plan = planFailure(loadExamples(), { target, partitions, newGuid: randomUUID });
  const { failingKey, broken, mended } = plan;
  const lane = (): Promise<Lane> => readLane(database, topic, failingKey);
  const send = async (lanes: WebhookRequest[][]): Promise<Exchange[]> => {
    const exchanges = await sendLanes(ingestUrl, lanes, signal);
    await untilCaughtUp();
    return exchanges;
  };
  const count = broken.flat().length;

  const [before, waiting, notedMeanwhile] = await progress.step(
    `send ${count} more; one repository fails`,
    async () => {
      await database.query('insert into demo.broken values ($1) on conflict do nothing', [failingKey]);
      const exchanges = await send(broken);
      await untilLane(options, lane, ({ attempts }) => attempts >= LEAST_TRIES);
      return [exchanges, await lane(), await readDeployments(database, topic, guidsOf(broken))];
    },
  );

  return progress.step('mend the handler; the repository recovers', async () => {
    await database.query('delete from demo.broken where ordering_key = $1', [failingKey]);
    const mendedAt = performance.now();
    await untilLane(options, lane, ({ records }) => records === 0);
    const recoveryMs = performance.now() - mendedAt;
    const exchanges = [...before, ...(await send(mended))];
    const guids = [...guidsOf(broken), ...guidsOf(mended)];
    return {
      plan,
      exchanges,
      waiting,
      notedMeanwhile,
      recoveryMs,
      left: await lane(),
      noted: await readDeployments(database, topic, guids),
      fromLane: await countFromLane(database, topic, guids),
    };
  });
}

async function untilLane(
  { system, signal }: FailureOptions,
  read: () => Promise<Lane>,
  isSo: (lane: Lane) => boolean,
): Promise<void> {
  let last: Lane | undefined;
  const seen = await poll(
    async () => {
      last = await read();
      return isSo(last) ? last : undefined;
    },
    { timeoutMs: PATIENCE_MS, signal },
  );
  if (seen) return;
  throw new DemoError(
    `The lane of the failing repository does not move: ${JSON.stringify(last)}. ` +
      (await logTail(system.processor.logFile)),
  );
}

function guidsOf(lanes: readonly WebhookRequest[][]): string[] {
  return lanes.flat().flatMap(({ guid }) => guid ?? []);
}
