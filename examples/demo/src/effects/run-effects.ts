import { randomUUID } from 'node:crypto';
import type { Database } from '@hookline/database';
import { DemoError } from '../demo-error.ts';
import { poll } from '../poll.ts';
import type { Progress } from '../progress/progress.ts';
import type { RunningSystem } from '../start-system.ts';
import { targetOf } from '../supervisor/environment.ts';
import { logTail } from '../supervisor/log-tail.ts';
import { loadExamples } from '../traffic/examples.ts';
import { DUPLICATE } from '../traffic/request.ts';
import type { SignedDelivery } from '../traffic/sign-delivery.ts';
import { sendLanes, type Exchange } from '../traffic/send.ts';
import { countEffects, readSynced, type Synced } from './observe.ts';
import { planEffects, type EffectsPlan } from './plan.ts';
import type { Forwarded } from './receiver.ts';

/** What was seen of effects that left the database while deliveries were sent again and the relay was killed. */
export interface EffectsObservation {
  plan: EffectsPlan;
  exchanges: readonly Exchange[];
  kills: number;
  /** Effects by kind that were sent, as the database says, and those that were not. */
  sent: ReadonlyMap<string, number>;
  left: number;
  /** Comments on each issue, `owner/repo#number`, and how many comments were made more than once. */
  comments: ReadonlyMap<string, number>;
  doubled: number;
  /** Requests or replies that were not as GitHub describes them. */
  mismatches: number;
  synced: readonly Synced[];
  forwarded: readonly Forwarded[];
}

export interface EffectsOptions {
  system: RunningSystem;
  database: Database;
  progress: Progress;
  signal: AbortSignal;
}

/** Effects of one issue, and of one push: a comment; a job and a forward. */
const OF_ISSUE = 1;
const OF_PUSH = 2;
export const WAVES = 2;
const PATIENCE_MS = 60_000;

/** Sends deliveries with effects, each twice at once and again when all is done, and kills the relay in each wave. */
export async function runEffects(options: EffectsOptions): Promise<EffectsObservation> {
  const { system, database, progress, signal } = options;
  const { local, targets } = system;
  const target = targetOf(local.webhookSecret);
  const plan = planEffects(loadExamples(), { target, newGuid: randomUUID, waves: WAVES });
  const guids = plan.waves.flat(2).map(({ guid }) => guid);
  const exchanges: Exchange[] = [];
  let kills = 0;

  const arrived = (): number => targets.github.acts().length + targets.receiver.received().length;
  const count = plan.waves.flat(2).length;
  await progress.step(`send ${count} more, each twice; kill the relay meanwhile`, async () => {
    for (const wave of plan.waves) {
      const before = arrived();
      const sending = sendLanes(local.ingestUrl, wave.map(twice), signal);
      await until(options, 'effect has arrived', () => arrived() > before);
      kills += killRelay(system);
      exchanges.push(...(await sending));
      const due = effectsOf([...plan.waves.slice(0, plan.waves.indexOf(wave) + 1)].flat(2));
      await until(options, 'effects are all sent', async () => total(await countEffects(database, guids)) >= due);
    }
  });
  return progress.step('send them once more; wait until all jobs are done', async () => {
    for (const wave of plan.waves) exchanges.push(...(await sendLanes(local.ingestUrl, wave, signal)));
    const jobs = plan.waves.flat(2).filter(isPush).length;
    await until(options, 'jobs are all done', async () => (await readSynced(database, guids)).length >= jobs);
    const mine = new Set(plan.waves.flat(2).map(issueOf));
    return {
      plan,
      exchanges,
      kills,
      ...(await countEffects(database, guids)),
      comments: commentsOn(system, mine),
      doubled: targets.github.doubled().length,
      mismatches: targets.github.mismatches().length,
      synced: await readSynced(database, guids),
      forwarded: targets.receiver.received().filter(({ guid }) => guids.includes(guid)),
    };
  });
}

const twice = (lane: readonly SignedDelivery[]): SignedDelivery[] => lane.flatMap((one) => [one, one]);

export const isPush = ({ name }: SignedDelivery): boolean => name.startsWith('push');

/** How many effects the handlers ask for. */
export function effectsOf(deliveries: readonly SignedDelivery[]): number {
  return deliveries.reduce((sum, one) => sum + (isPush(one) ? OF_PUSH : OF_ISSUE), 0);
}

interface AboutIssue {
  issue?: { number: number };
  repository: { owner: { login: string }; name: string };
}

/** `owner/repo#number` of what a delivery is about; of a push without the number. */
export function issueOf({ body }: SignedDelivery): string {
  const { issue, repository } = JSON.parse(body.toString()) as AboutIssue;
  return `${repository.owner.login}/${repository.name}#${issue?.number ?? ''}`;
}

function commentsOn({ targets }: RunningSystem, issues: ReadonlySet<string>): Map<string, number> {
  const comments = new Map<string, number>();
  for (const { repository, issueNumber } of targets.github.comments()) {
    const issue = `${repository.owner}/${repository.name}#${issueNumber}`;
    if (issues.has(issue)) comments.set(issue, (comments.get(issue) ?? 0) + 1);
  }
  return comments;
}

function total({ sent }: { sent: ReadonlyMap<string, number> }): number {
  return [...sent.values()].reduce((sum, n) => sum + n, 0);
}

function killRelay({ relay }: RunningSystem): number {
  const pid = relay.pid();
  if (pid === undefined) return 0;
  process.kill(pid, 'SIGKILL');
  return 1;
}

async function until(
  { system, signal }: EffectsOptions,
  what: string,
  isSo: () => Promise<boolean> | boolean,
): Promise<void> {
  const seen = await poll(async () => ((await isSo()) ? true : undefined), { timeoutMs: PATIENCE_MS, signal });
  if (!seen) throw new DemoError(`It has not come true that ${what}. ${await logTail(system.relay.logFile)}`);
}

/** Whether an answer tells that the delivery is taken, or was before. */
export const isTaken = ({ answer }: Exchange): boolean => answer.status === 202 || answer.status === DUPLICATE.status;
