import type { Queryable } from './database.ts';

export interface TopicGeneration {
  topic: string;
  generation: number;
  partitions: number;
}

export type RecordedGeneration =
  | { success: true; already: boolean }
  | { success: false; reason: 'MISMATCH'; recorded: TopicGeneration };

/** Records a topic's partition count once. A topic recorded with other numbers is refused, and nothing changes. */
export async function recordTopicGeneration(db: Queryable, wanted: TopicGeneration): Promise<RecordedGeneration> {
  const { rowCount } = await db.query(
    `insert into hookline.topic_generations (topic, generation, partitions) values ($1, $2, $3)
         on conflict (topic) do nothing`,
    [wanted.topic, wanted.generation, wanted.partitions],
  );
  if (rowCount === 1) return { success: true, already: false };
  const recorded = await readTopicGeneration(db, wanted.topic);
  if (recorded?.generation === wanted.generation && recorded.partitions === wanted.partitions) {
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
    'select topic, generation, partitions from hookline.topic_generations where topic = $1',
    [topic],
  );
  return rows[0] ?? null;
}
