import type { Queryable } from '../database.ts';

/**
 * Notes that a generation is to end, before Kafka is told: from here on there is no way back. True also where it was noted
 * before; false: the next one is not prepared.
 */
export async function beginSealing(
  db: Queryable,
  { from, to, actor, why }: { from: string; to: string; actor: string; why: string },
): Promise<boolean> {
  await db.query(
    `update hookline.topic_generations as former
        set state = 'sealing', moved_by = $3, moved_why = $4, sealing_at = now()
       from hookline.topic_generations as next
      where former.topic = $1 and former.state = 'active' and next.topic = $2 and next.state = 'prepared'`,
    [from, to, actor, why],
  );
  const { rowCount } = await db.query(
    `select from hookline.topic_generations where topic = $1 and state in ('sealing', 'draining', 'moved')`,
    [from],
  );
  return rowCount === 1;
}

/**
 * Records where each partition of a sealed generation ends, once: ends that are recorded hold, and a second mark behind
 * them changes nothing.
 */
export async function recordEnds(db: Queryable, topic: string, ends: readonly bigint[]): Promise<void> {
  await db.query(
    `update hookline.topic_generations set state = 'draining', ends = $2::bigint[] where topic = $1 and state = 'sealing'`,
    [topic, ends],
  );
}
