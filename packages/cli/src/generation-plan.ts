import { topicName, type KeyRule } from '@hookline/contracts';
import type { RecordedTopic, TopicGeneration } from '@hookline/database';
import type { TopicConfig } from './create-topics.ts';

/** The first of the steps that is still to be done; each one leads to the next. */
export type GenerationStep = 'prepare' | 'seal' | 'drain' | 'done';

export interface GenerationPlan {
  step: GenerationStep;
  from: TopicGeneration;
  to: TopicGeneration;
  /** What is going to happen, a sentence each; empty when it has been confirmed before, or is done. */
  effects: string[];
}

type LogSettings = Pick<
  TopicConfig,
  'topic' | 'topicGeneration' | 'topicPartitions' | 'topicNextPartitions' | 'keyRule' | 'nextKeyRule'
>;

/** What is to be done, by what is configured and what is recorded, or why nothing can be. Pure. */
export function planGeneration(
  { topic, topicGeneration, topicPartitions, topicNextPartitions, keyRule, nextKeyRule }: LogSettings,
  recorded: readonly RecordedTopic[],
): ({ success: true } & GenerationPlan) | { success: false; problem: string } {
  const from = {
    topic: topicName(topic, topicGeneration),
    generation: topicGeneration,
    partitions: topicPartitions,
    keyRule,
  };
  const next = topicGeneration + 1;
  const to = {
    topic: topicName(topic, next),
    generation: next,
    partitions: topicNextPartitions,
    keyRule: ruleAfter(keyRule, nextKeyRule),
  };
  const [former, prepared] = [from, to].map((one) => recorded.find((row) => row.topic === one.topic));

  if (!former) return refused(`Topic ${from.topic} is not recorded in this database: run hookline topics create.`);
  if (former.partitions !== from.partitions) {
    return refused(
      `${from.topic} is recorded with ${former.partitions} partitions: set HOOKLINE_TOPIC_PARTITIONS to that.`,
    );
  }
  if (former.keyRule !== from.keyRule) {
    return refused(`${from.topic} is recorded as ordered by ${former.keyRule}: set HOOKLINE_KEY_RULE to that.`);
  }
  if (former.state === 'prepared') {
    return refused(`${from.topic} is itself prepared only: first its generation must be the one that is read.`);
  }
  if (prepared && (prepared.partitions !== to.partitions || prepared.keyRule !== to.keyRule)) {
    return refused(
      `${to.topic} is ${prepared.state} with ${prepared.partitions} partitions, ordered by ${prepared.keyRule}: set ` +
        'HOOKLINE_TOPIC_NEXT_PARTITIONS and HOOKLINE_NEXT_KEY_RULE to that' +
        (prepared.state === 'prepared' && former.state === 'active'
          ? ', or take it back with hookline topics generation --abandon.'
          : '.'),
    );
  }
  const step = ({ active: 'prepare', sealing: 'seal', draining: 'drain', moved: 'done' } as const)[former.state];
  return { success: true, step, from, to, effects: step === 'prepare' ? effects(from, to) : [] };
}

/** The rule that a setting of the next one means. */
export function ruleAfter(rule: KeyRule, next: KeyRule | 'same'): KeyRule {
  return next === 'same' ? rule : next;
}

function effects(from: TopicGeneration, to: TopicGeneration): string[] {
  const settings =
    `HOOKLINE_TOPIC_NEXT_PARTITIONS=${to.partitions}` +
    (from.keyRule === to.keyRule ? '' : ` and HOOKLINE_NEXT_KEY_RULE=${to.keyRule}`);
  return [
    `Topic ${to.topic} is created, with ${to.partitions} partitions.`,
    ...(from.keyRule === to.keyRule ? [] : [ruleEffect(to.keyRule)]),
    `Topic ${from.topic} is sealed for good: Kafka refuses every append to it. From there on there is no way back.`,
    `An ingest that has ${settings} goes on with the new topic at once. One that has ` +
      'not answers 503 to everything: set it in all of them before you say yes.',
    `What ${from.topic} has is processed to its end. Until then deliveries are accepted, and wait in the new topic.`,
    'Then lanes, held deliveries and dead letters move, in one transaction, and the new topic is read.',
    "Operators' commands that wait for a halted partition are refused, and a halted partition is waited for.",
    `A processor that has ${settings} goes on by itself; one that has not reads nothing.`,
  ];
}

function ruleEffect(rule: KeyRule): string {
  return rule === 'owner'
    ? 'From then on all repositories of an owner are in one order, and wait as one: lanes of an owner become one, held if one of them is.'
    : 'From then on each repository is in an order of its own: the lane of an owner becomes one of each repository that waits in it, and each is held if it was.';
}

function refused(problem: string): { success: false; problem: string } {
  return { success: false, problem };
}
