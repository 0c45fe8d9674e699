import type { Queryable } from '../../database.ts';
import type { PartitionPlace } from '../../fence.ts';
import { SETTLED_COLUMNS } from '../../outbox/settled-columns.ts';
import type { ErasureTarget } from './erasure-targets.ts';
import { ERASED_COLUMNS, type ErasedDelivery } from './write-erasure.ts';

export type EffectTarget = Extract<ErasureTarget, { where: 'effect' }>;

/**
 * Removes effects from the outbox, with their requests, whatever their state, and keeps their ids as discarded: asked for
 * again, they are known. An attempt that is under way may take effect still; its relay finds nothing to write about it.
 *
 * @returns what was removed
 */
export async function discardErasedEffects(
  tx: Queryable,
  place: PartitionPlace,
  targets: readonly EffectTarget[],
): Promise<ErasedDelivery[]> {
  if (targets.length === 0) return [];
  const { rows } = await tx.query<ErasedDelivery & Record<string, unknown>>(
    `with gone as (
       delete from hookline.outbox
        where consumer_group = $1 and topic = $2 and kafka_partition = $3 and effect_id = any ($4::uuid[])
       returning *, null::timestamptz as received_at
     ), settled as (
       insert into hookline.settled_effects (${SETTLED_COLUMNS}, outcome, attempts)
       select ${SETTLED_COLUMNS}, 'discarded', total_attempts from gone
     )
     select ${ERASED_COLUMNS}, handler, effect_id from gone order by position`,
    [place.consumerGroup, place.topic, place.partition, targets.map(({ effectId }) => effectId)],
  );
  return rows;
}
