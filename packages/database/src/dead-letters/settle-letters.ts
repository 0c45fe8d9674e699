import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';
import type { DeadLetterState } from '../reading/dead-letter-filter.ts';

/**
 * Moves the dead letters of some handlers of a delivery from one state to another. Back to `dead`, after a run that did
 * not come about or failed, is a generation more. One round trip.
 *
 * @param handlers null: every letter of the delivery, also that of a record that is no delivery
 * @returns the handlers whose letters were in that state
 */
export async function settleLetters(
  tx: Queryable,
  fence: Fence,
  { incarnation, offset }: LogPlace,
  handlers: readonly string[] | null,
  { from, to }: { from: DeadLetterState; to: DeadLetterState },
): Promise<(string | null)[]> {
  const { rows } = await tx.query<{ handler: string | null }>(
    `update hookline.dead_letters
        set state = $8, generation = generation + case when $8 = 'dead' then 1 else 0 end,
            settled_at = case when $8 in ('redriven', 'discarded') then now() end
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and incarnation = $4 and kafka_offset = $5
        and ($6::text[] is null or handler = any ($6)) and state = $7
  returning handler`,
    [fence.consumerGroup, fence.topic, fence.partition, incarnation, offset, handlers, from, to],
  );
  return rows.map(({ handler }) => handler);
}
