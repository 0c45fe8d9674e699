import { randomUUID } from 'node:crypto';
import type { Database } from '@hookline/database';
import { DemoError } from '../demo-error.ts';
import { poll } from '../poll.ts';
import type { Progress } from '../progress/progress.ts';
import type { RunningSystem } from '../start-system.ts';
import { targetOf } from '../supervisor/environment.ts';
import { logTail } from '../supervisor/log-tail.ts';
import { loadExamples } from '../traffic/examples.ts';
import { DUPLICATE, type WebhookRequest } from '../traffic/request.ts';
import { sendLanes } from '../traffic/send.ts';
import { hookline } from './hookline.ts';
import { countDeadLetters, countReleases, decisionsOf } from './observe.ts';
import { planOperators } from './plan.ts';

/** What was seen of two things that an operator decides about: a replay, and a delivery that is dead. */
export interface OperatorsObservation {
  /** What became of each record of the genuine delivery, of the replay, and of the one whose handler fails. */
  genuine: string[];
  replay: string[];
  failing: string[];
  /** Answers 409 to the replay after it was discarded, and to the failing delivery after it was redriven. */
  replayRefused: number;
  failingRefused: number;
  /** How often the handler has noted the replay. */
  replayNoted: number;
  /** Dead letters of the failing delivery before it was redriven, and how often it was noted by then. */
  deadBefore: number;
  notedBefore: number;
  /** After it was redriven, and had arrived again. */
  deadAfter: number;
  notedAfter: number;
  /** Its story, as `hookline trace` tells it. */
  trace: string;
  tracedGuid: string;
}

export interface OperatorsOptions {
  system: RunningSystem;
  database: Database;
  progress: Progress;
  signal: AbortSignal;
  /** Resolves when all that is in the log has been decided. */
  untilCaughtUp: () => Promise<unknown>;
}

const PATIENCE_MS = 60_000;

/** Has a body sent again under another GUID, and a handler fail for good; decides about both by the command line. */
export async function runOperators(options: OperatorsOptions): Promise<OperatorsObservation> {
  const { system, database, progress, signal, untilCaughtUp } = options;
  const { local } = system;
  const plan = planOperators(loadExamples(), { target: targetOf(local.webhookSecret), newGuid: randomUUID });
  const { genuine, replay, failing } = plan;
  /** Resolves to how many were answered as duplicates. */
  const send = async (...requests: WebhookRequest[]): Promise<number> => {
    const exchanges = await sendLanes(local.ingestUrl, [requests], signal);
    await untilCaughtUp();
    return exchanges.filter(({ answer }) => answer.status === DUPLICATE.status).length;
  };
  const dead = (state: string): Promise<number> => countDeadLetters(database, local.topic, failing.guid, state);

  const replayRefused = await progress.step('send a captured body under another GUID; discard it', async () => {
    await send(genuine, replay);
    const why = 'the demo has sent it, and not GitHub';
    await hookline(local, ['replays', 'discard', replay.guid, '--why', why, '--yes'], signal);
    return send(replay);
  });

  const [deadBefore, notedBefore] = await progress.step('have a handler fail for good', async () => {
    await database.query('insert into demo.broken values ($1) on conflict do nothing', [failing.delivery.key]);
    await send(failing);
    await until(options, 'dies', async () => (await dead('dead')) === 1);
    return [await dead('dead'), await countReleases(database, failing.guid)];
  });

  return progress.step('mend it, and redrive its dead letter', async () => {
    await database.query('delete from demo.broken where ordering_key = $1', [failing.delivery.key]);
    const why = 'the handler is mended';
    await hookline(local, ['dead-letters', 'redrive', '--key', failing.delivery.key, '--why', why, '--yes'], signal);
    await until(options, 'is redriven', async () => (await dead('redriven')) === 1);
    const failingRefused = await send(failing);
    return {
      genuine: await decisionsOf(database, local.topic, genuine.guid),
      replay: await decisionsOf(database, local.topic, replay.guid),
      failing: await decisionsOf(database, local.topic, failing.guid),
      replayRefused,
      failingRefused,
      replayNoted: await countReleases(database, replay.guid),
      deadBefore,
      notedBefore,
      deadAfter: await dead('dead'),
      notedAfter: await countReleases(database, failing.guid),
      trace: await hookline(local, ['trace', failing.guid], signal),
      tracedGuid: failing.guid,
    };
  });
}

async function until({ system, signal }: OperatorsOptions, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const seen = await poll(async () => ((await isSo()) ? true : undefined), { timeoutMs: PATIENCE_MS, signal });
  if (!seen) throw new DemoError(`No delivery ${what}. ${await logTail(system.processor.logFile)}`);
}
