import { topicName } from '@hookline/contracts';
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

type LogSettings = Pick<TopicConfig, 'topic' | 'topicGeneration' | 'topicPartitions' | 'topicNextPartitions'>;

/** What is to be done, by what is configured and what is recorded, or why nothing can be. Pure. */
export function planGeneration(
  { topic, topicGeneration, topicPartitions, topicNextPartitions }: LogSettings,
  recorded: readonly RecordedTopic[],
): ({ success: true } & GenerationPlan) | { success: false; problem: string } {
  const from = { topic: topicName(topic, topicGeneration), generation: topicGeneration, partitions: topicPartitions };
  const next = topicGeneration + 1;
  const to = { topic: topicName(topic, next), generation: next, partitions: topicNextPartitions };
  const [former, prepared] = [from, to].map((one) => recorded.find((row) => row.topic === one.topic));

  if (!former) return refused(`Topic ${from.topic} is not recorded in this database: run hookline topics create.`);
  if (former.partitions !== from.partitions) {
    return refused(
      `${from.topic} is recorded with ${former.partitions} partitions: set HOOKLINE_TOPIC_PARTITIONS to that.`,
    );
  }
  if (former.state === 'prepared') {
    return refused(`${from.topic} is itself prepared only: first its generation must be the one that is read.`);
  }
  if (prepared && prepared.partitions !== to.partitions) {
    return refused(
      `${to.topic} is ${prepared.state} with ${prepared.partitions} partitions: set HOOKLINE_TOPIC_NEXT_PARTITIONS to that` +
        (prepared.state === 'prepared' && former.state === 'active'
          ? ', or take it back with hookline topics generation --abandon.'
          : '.'),
    );
  }
  const step = ({ active: 'prepare', sealing: 'seal', draining: 'drain', moved: 'done' } as const)[former.state];
  return { success: true, step, from, to, effects: step === 'prepare' ? effects(from, to) : [] };
}

function effects(from: TopicGeneration, to: TopicGeneration): string[] {
  return [
    `Topic ${to.topic} is created, with ${to.partitions} partitions.`,
    `Topic ${from.topic} is sealed for good: Kafka refuses every append to it. From there on there is no way back.`,
    `An ingest that has HOOKLINE_TOPIC_NEXT_PARTITIONS=${to.partitions} goes on with the new topic at once. One that has ` +
      'not answers 503 to everything: set it in all of them before you say yes.',
    `What ${from.topic} has is processed to its end. Until then deliveries are accepted, and wait in the new topic.`,
    'Then lanes, held deliveries and dead letters move, in one transaction, and the new topic is read.',
    "Operators' commands that wait for a halted partition are refused, and a halted partition is waited for.",
    `A processor that has HOOKLINE_TOPIC_NEXT_PARTITIONS=${to.partitions} goes on by itself; one that has not reads nothing.`,
  ];
}

function refused(problem: string): { success: false; problem: string } {
  return { success: false, problem };
}
