import { DEFAULT_KEY_RULE, type KeyRule } from '@hookline/contracts';
import type { Queryable } from './database.ts';

export interface TopicGeneration {
  topic: string;
  generation: number;
  partitions: number;
  keyRule: KeyRule;
}

/** The same, to be recorded; without a rule by repository. */
export type WantedGeneration = Omit<TopicGeneration, 'keyRule'> & { keyRule?: KeyRule };

export type RecordedGeneration =
  | { success: true; already: boolean }
  | { success: false; reason: 'MISMATCH'; recorded: TopicGeneration };

/** Records a topic's partition count and key rule once. A topic recorded otherwise is refused, and nothing changes. */
export async function recordTopicGeneration(db: Queryable, wanted: WantedGeneration): Promise<RecordedGeneration> {
  const keyRule = wanted.keyRule ?? DEFAULT_KEY_RULE;
  const { rowCount } = await db.query(
    `insert into hookline.topic_generations (topic, generation, partitions, key_rule) values ($1, $2, $3, $4)
         on conflict (topic) do nothing`,
    [wanted.topic, wanted.generation, wanted.partitions, keyRule],
  );
  if (rowCount === 1) return { success: true, already: false };
  const recorded = await readTopicGeneration(db, wanted.topic);
  if (
    recorded?.generation === wanted.generation &&
    recorded.partitions === wanted.partitions &&
    recorded.keyRule === keyRule
  ) {
    return { success: true, already: true };
  }
  return { success: false, reason: 'MISMATCH', recorded: recorded as TopicGeneration };
}

/**
 * Makes a consumer group the one that processes a topic, where none is yet; returns the one that does. Null: the topic
 * is not recorded.
 */
export async function claimTopic(db: Queryable, topic: string, consumerGroup: string): Promise<string | null> {
  const { rows } = await db.query<{ consumer_group: string }>(
    `update hookline.topic_generations set consumer_group = coalesce(consumer_group, $2) where topic = $1
     returning consumer_group`,
    [topic, consumerGroup],
  );
  return rows[0]?.consumer_group ?? null;
}

/** What is recorded of a topic, or null. */
export async function readTopicGeneration(db: Queryable, topic: string): Promise<TopicGeneration | null> {
  const { rows } = await db.query<TopicGeneration>(
    'select topic, generation, partitions, key_rule as "keyRule" from hookline.topic_generations where topic = $1',
    [topic],
  );
  return rows[0] ?? null;
}
