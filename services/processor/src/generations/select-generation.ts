import { isRead, topicName, type KeyRule } from '@hookline/contracts';
import type { RecordedTopic } from '@hookline/database';

/** What is configured of the log. */
export interface ConfiguredLog {
  /** Name of its first topic. */
  topic: string;
  topicGeneration: number;
  topicPartitions: number;
  /** Of the generation after that one; 0: there is to be none. */
  topicNextPartitions: number;
  keyRule: KeyRule;
  nextKeyRule: KeyRule | 'same';
}

/** A topic generation to be read. */
export interface Generation {
  topic: string;
  generation: number;
  partitions: number;
  keyRule: KeyRule;
}

export type Selected =
  | { success: true; generation: Generation }
  | {
      success: false;
      /** `NOT_YET`: it will be read when the one before it has moved. `MOVED`: somebody must configure the next one. */
      reason: 'NOT_YET' | 'MOVED';
      problem: string;
    };

/** The generations that a configuration speaks of: its own, and the next one where it names one. */
export function configuredGenerations(log: ConfiguredLog): [Generation, ...Generation[]] {
  const { topic, topicGeneration: generation, topicPartitions, topicNextPartitions, keyRule, nextKeyRule } = log;
  const next = generation + 1;
  return [
    { topic: topicName(topic, generation), generation, partitions: topicPartitions, keyRule },
    ...(topicNextPartitions > 0
      ? [
          {
            topic: topicName(topic, next),
            generation: next,
            partitions: topicNextPartitions,
            keyRule: nextKeyRule === 'same' ? keyRule : nextKeyRule,
          },
        ]
      : []),
  ];
}

/**
 * Which generation is to be read now: the configured one, or the next when that has moved. Pure. What is not recorded is
 * selected, too, for whoever checks it to complain of.
 */
export function selectGeneration(log: ConfiguredLog, recorded: readonly RecordedTopic[]): Selected {
  const [own, next] = configuredGenerations(log);
  const stateOf = (generation: Generation) => recorded.find(({ topic }) => topic === generation.topic)?.state;
  const state = stateOf(own);
  if (state === undefined || isRead(state)) return { success: true, generation: own };
  if (state === 'prepared') {
    return {
      success: false,
      reason: 'NOT_YET',
      problem:
        `Topic ${own.topic} is prepared and not read yet: that begins when the generation before it has moved ` +
        '(hookline topics generation).',
    };
  }
  if (next && stateOf(next) === 'active') return { success: true, generation: next };
  return {
    success: false,
    reason: 'MOVED',
    problem:
      `All of topic ${own.topic} is processed, and its generation has moved to ` +
      `${topicName(log.topic, own.generation + 1)}: set HOOKLINE_TOPIC_GENERATION, HOOKLINE_TOPIC_PARTITIONS and HOOKLINE_KEY_RULE to that one.`,
  };
}
