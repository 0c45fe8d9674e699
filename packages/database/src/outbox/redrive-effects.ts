import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/**
 * Dead effects wait to be sent again, now, behind all that waits, in the order given; their attempts are counted anew. What
 * is dead because nobody knows whether it had its effect stays so: a kind that can look, looks first. One round trip.
 *
 * @throws when one is not there, or not dead: who decides has looked under the fence
 */
export async function redriveEffects(tx: Queryable, fence: Fence, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { rowCount } = await tx.query(
    `with given as materialized (
       select effect_id, nextval('hookline.outbox_position_seq') as position
         from (select effect_id from unnest($4::uuid[]) with ordinality as asked (effect_id, n) order by n) as asked
     )
     update hookline.outbox effect
        set position = given.position, attempts = 0, due_at = now(), reason = null,
            state = case effect.reason when 'ambiguous' then 'sending' else 'waiting' end,
            attempt_started_at = case effect.reason when 'ambiguous' then now() end,
            attempt_ends_at = case effect.reason when 'ambiguous' then now() end,
            error = case effect.reason when 'ambiguous' then effect.error end
       from given
      where effect.effect_id = given.effect_id and consumer_group = $1 and topic = $2 and kafka_partition = $3
        and state = 'dead'`,
    [fence.consumerGroup, fence.topic, fence.partition, ids],
  );
  if (rowCount !== ids.length) {
    throw new Error(`${ids.length} effects were to be sent again, and only ${rowCount} of them are dead.`);
  }
}
