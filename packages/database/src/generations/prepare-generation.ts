import { DEFAULT_KEY_RULE } from '@hookline/contracts';
import type { Queryable } from '../database.ts';
import type { WantedGeneration } from '../topic-generations.ts';

export type PreparedGeneration =
  | { success: true }
  /** `NOT_ACTIVE`: the one before it is not read. `MISMATCH`: it is recorded, with other numbers, or another key rule. */
  | { success: false; reason: 'NOT_ACTIVE' | 'MISMATCH' };

/** Records the generation to which the log is to move, for the same consumer group. Safe to repeat. */
export async function prepareGeneration(
  db: Queryable,
  from: string,
  { topic, generation, partitions, keyRule = DEFAULT_KEY_RULE }: WantedGeneration,
): Promise<PreparedGeneration> {
  await db.query(
    `insert into hookline.topic_generations (topic, generation, partitions, key_rule, consumer_group, state)
     select $2, $3, $4, $5, consumer_group, 'prepared'
       from hookline.topic_generations
      where topic = $1 and state = 'active' and generation = $3 - 1
         on conflict (topic) do nothing`,
    [from, topic, generation, partitions, keyRule],
  );
  const { rows } = await db.query<{ fits: boolean }>(
    `select generation = $2 and partitions = $3 and key_rule = $4 and state = 'prepared' as fits
       from hookline.topic_generations
      where topic = $1`,
    [topic, generation, partitions, keyRule],
  );
  if (!rows[0]) return { success: false, reason: 'NOT_ACTIVE' };
  return rows[0].fits ? { success: true } : { success: false, reason: 'MISMATCH' };
}

/** Takes that back, while nothing has been sealed. False: it is too late, or there is nothing to take back. */
export async function abandonGeneration(db: Queryable, from: string, topic: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `delete from hookline.topic_generations as next
      using hookline.topic_generations as former
      where next.topic = $2 and next.state = 'prepared' and former.topic = $1 and former.state = 'active'`,
    [from, topic],
  );
  return rowCount === 1;
}
