import { setTimeout as delay } from 'node:timers/promises';
import { isRuled, partitionOf } from '@hookline/contracts';
import {
  beginSealing,
  hasJobs,
  moveGeneration,
  prepareGeneration,
  readEmptyHolds,
  readGenerations,
  type MovedCounts,
} from '@hookline/database';
import { confirmed } from './confirm.ts';
import { makeTopic, wantedTopic, type TopicConfig } from './create-topics.ts';
import { CLI_EXIT, CommandEnd, failed } from './exit-codes.ts';
import { drain } from './generation-drain.ts';
import { keyByRule } from './generation-keys.ts';
import { planGeneration, ruleAfter, type GenerationPlan } from './generation-plan.ts';
import { onChange, seal } from './generation-seal.ts';
import { silentLogger } from './kafka-access.ts';
import type { Output } from './output.ts';
import { BadSettings } from './settings.ts';
import { withDatabase } from './with-database.ts';

export interface GenerationRequest {
  actor: string;
  why: string;
  /** How long to wait in all, in milliseconds. */
  waitMs: number;
  yes: boolean;
  json: boolean;
}

/** Rows of many dead letters move in one statement. */
const MOVE_TIMEOUT_MS = 10 * 60_000;
/** What holds a fence is a transaction of its owner, which ends soon. */
const LOCK_TIMEOUT_MS = 30_000;
const UNSENT_POLL_MS = 500;

/**
 * Moves the log to its next generation, from whatever step was reached before: every step can be repeated, and is recorded
 * before the next one begins. Asks once, before what cannot be undone.
 *
 * @throws {CommandEnd} where it may not be done, and where the time was too short: pending, and run again it goes on
 */
export async function moveToNextGeneration(
  config: TopicConfig,
  request: GenerationRequest,
  output: Output,
): Promise<void> {
  const waiting = AbortSignal.timeout(request.waitMs);
  const plan = await planned(config);
  if (plan.step === 'prepare') {
    if (plan.from.keyRule !== plan.to.keyRule) {
      await refuseJobs(config, plan);
      await refuseEmptyHolds(config, plan);
    }
    tell(plan, output);
    await confirmed('Go on?', request.yes);
    await prepare(config, plan, request, output);
  }
  if (plan.step === 'prepare' || plan.step === 'seal') await seal(config, plan.from.topic, waiting, output);
  const moved = plan.step === 'done' ? null : await drainAndMove(config, plan, waiting, output);
  output.progress(
    `${plan.to.topic} is the log's topic now. Set HOOKLINE_TOPIC_GENERATION=${plan.to.generation} and ` +
      `HOOKLINE_TOPIC_PARTITIONS=${plan.to.partitions} ` +
      (plan.from.keyRule === plan.to.keyRule ? '' : `and HOOKLINE_KEY_RULE=${plan.to.keyRule} `) +
      'everywhere, and HOOKLINE_TOPIC_NEXT_PARTITIONS (and HOOKLINE_NEXT_KEY_RULE) no more, when it ' +
      `suits you; keep ${plan.from.topic} until no ingest is left without them.`,
  );
  if (request.json) output.data(JSON.stringify({ from: plan.from, to: plan.to, moved }));
}

async function planned(config: TopicConfig): Promise<GenerationPlan> {
  if (config.topicNextPartitions === 0) {
    throw new BadSettings(
      '  - HOOKLINE_TOPIC_NEXT_PARTITIONS is not set: the number of partitions to which the log is to move, the same as in ' +
        'every ingest and processor.',
    );
  }
  const { topic: from } = wantedTopic(config);
  const { topic: to } = nextTopic(config);
  const recorded = await withDatabase(config, (database) => readGenerations(database, [from, to]));
  const plan = planGeneration(config, recorded);
  if (!plan.success) throw failed(plan.problem);
  return plan;
}

function nextTopic(config: TopicConfig) {
  return wantedTopic({
    ...config,
    topicGeneration: config.topicGeneration + 1,
    topicPartitions: config.topicNextPartitions,
    keyRule: ruleAfter(config.keyRule, config.nextKeyRule),
  });
}

/** A job has the key of the delivery that has asked for it: its body would tell another one. */
async function refuseJobs(config: TopicConfig, { from }: GenerationPlan): Promise<void> {
  if (!(await withDatabase(config, (database) => hasJobs(database, from.topic)))) return;
  throw failed(
    `${from.topic} is a topic of jobs, which keep the key rule ${from.keyRule}: unset HOOKLINE_NEXT_KEY_RULE, or begin a ` +
      'topic of another name for the jobs of the new rule.',
  );
}

/**
 * A hold of a key under which nothing waits cannot go along: nothing tells what it is to hold by the next rule. It is asked
 * for before there is no way back, and said of what comes in between.
 */
async function refuseEmptyHolds(config: TopicConfig, { from, to }: GenerationPlan): Promise<void> {
  const holds = await emptyHolds(config, from.topic);
  if (holds.length === 0) return;
  throw failed(
    `Nothing waits under the holds of ${holds.join(', ')}, and by the rule ${to.keyRule} they would hold nothing more: ` +
      'release them first (hookline lanes release), and hold the new keys when the log has moved.',
  );
}

async function emptyHolds(config: TopicConfig, topic: string): Promise<string[]> {
  const holds = await withDatabase(config, (database) => readEmptyHolds(database, topic));
  return holds.filter(isRuled);
}

function tell({ from, to, effects }: GenerationPlan, output: Output): void {
  output.progress(
    `The log is to move from ${from.topic} (generation ${from.generation}, ${from.partitions} partitions) to ${to.topic} ` +
      `(generation ${to.generation}, ${to.partitions} partitions):`,
  );
  for (const effect of effects) output.progress(`  - ${effect}`);
}

async function prepare(
  config: TopicConfig,
  { from, to }: GenerationPlan,
  { actor, why }: GenerationRequest,
  output: Output,
): Promise<void> {
  await makeTopic(config, nextTopic(config), silentLogger());
  const began = await withDatabase(config, async (database) => {
    const prepared = await prepareGeneration(database, from.topic, to);
    if (!prepared.success) return false;
    output.progress(`${to.topic} is prepared.`);
    return beginSealing(database, { from: from.topic, to: to.topic, actor, why });
  });
  if (!began)
    throw failed('Somebody else has changed the generations meanwhile. Look again: hookline topics generation.');
}

async function drainAndMove(
  config: TopicConfig,
  { from, to }: GenerationPlan,
  waiting: AbortSignal,
  output: Output,
): Promise<MovedCounts> {
  const tell = onChange(output);
  for (;;) {
    const consumerGroup = await drain(config, from.topic, waiting, output);
    const end = await withDatabase(
      config,
      (database) =>
        moveGeneration(
          database,
          {
            consumerGroup,
            from: from.topic,
            to: to.topic,
            partitionOf: (key) => partitionOf(key, to.partitions),
            ...(from.keyRule !== to.keyRule && { newKeyOf: keyByRule(to.keyRule) }),
            owner: 'hookline topics generation',
          },
          {
            applicationName: 'hookline topics generation',
            statementTimeoutMs: MOVE_TIMEOUT_MS,
            lockTimeoutMs: LOCK_TIMEOUT_MS,
          },
        ),
      { queryTimeoutMs: MOVE_TIMEOUT_MS },
    );
    if (end.success) {
      const { lanes, waiting: deliveries, held, dead, effects } = end.moved;
      output.progress(
        `Moved: ${lanes} lanes with ${deliveries} deliveries, ${held} held deliveries, ${dead} dead deliveries, ` +
          `${effects} effects.`,
      );
      const holds = from.keyRule === to.keyRule ? [] : await emptyHolds(config, to.topic);
      if (holds.length > 0) output.progress(`Held, and nothing comes under them any more: ${holds.join(', ')}.`);
      return end.moved;
    }
    if (end.reason === 'NOT_ENDED') throw failed(`The ends of ${from.topic} are not recorded: run this again.`);
    if (end.reason === 'NOT_SENT') await untilSent(end.effects, waiting, tell);
  }
}

/** By another key rule effects would have another key, which nobody can tell: they are sent before. */
async function untilSent(effects: number, waiting: AbortSignal, tell: (text: string) => void): Promise<void> {
  tell(`Still to be sent, before the key rule can change: ${effects} effects. See hookline effects list.`);
  if (waiting.aborted) {
    throw new CommandEnd(
      CLI_EXIT.pending,
      'Not all effects are sent yet. Run this again to go on, with a relay at work.',
    );
  }
  await delay(UNSENT_POLL_MS);
}
