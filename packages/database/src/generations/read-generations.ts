import type { GenerationState, KeyRule } from '@hookline/contracts';
import type { Queryable } from '../database.ts';

/** A topic generation, as it is recorded. */
export interface RecordedTopic {
  topic: string;
  generation: number;
  partitions: number;
  keyRule: KeyRule;
  state: GenerationState;
  /** The only consumer group that processes it; null: none has begun to. */
  consumerGroup: string | null;
  /** The offset behind the last record of each partition; null until it has ended. */
  ends: bigint[] | null;
  /** Who has decided that it ends, and why; null until somebody has. */
  movedBy: string | null;
  movedWhy: string | null;
}

/** Those of these topics that are recorded, by generation. */
export async function readGenerations(db: Queryable, topics: readonly string[]): Promise<RecordedTopic[]> {
  const { rows } = await db.query<{
    topic: string;
    generation: number;
    partitions: number;
    key_rule: KeyRule;
    state: GenerationState;
    consumer_group: string | null;
    ends: string[] | null;
    moved_by: string | null;
    moved_why: string | null;
  }>(
    `select topic, generation, partitions, key_rule, state, consumer_group, ends, moved_by, moved_why
       from hookline.topic_generations
      where topic = any($1)
      order by generation`,
    [topics],
  );
  return rows.map(({ topic, generation, partitions, state, ...row }) => ({
    topic,
    generation,
    partitions,
    keyRule: row.key_rule,
    state,
    consumerGroup: row.consumer_group,
    ends: row.ends?.map(BigInt) ?? null,
    movedBy: row.moved_by,
    movedWhy: row.moved_why,
  }));
}
