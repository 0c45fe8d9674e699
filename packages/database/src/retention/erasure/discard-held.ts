import type { Queryable } from '../../database.ts';
import type { PartitionPlace } from '../../fence.ts';
import type { ErasureTarget } from './erasure-targets.ts';
import { ERASED_COLUMNS, type ErasedDelivery } from './write-erasure.ts';

export type HeldTarget = Extract<ErasureTarget, { where: 'held' }>;

/**
 * Removes held deliveries, under the lock of their partition, and claims them as discarded where their identity is not
 * claimed already, under another event: they do not run when they arrive again.
 *
 * @returns what was removed
 */
export async function discardHeld(
  tx: Queryable,
  place: PartitionPlace,
  targets: readonly HeldTarget[],
): Promise<ErasedDelivery[]> {
  const { rows } = await tx.query<ErasedDelivery & Record<string, unknown>>(
    `with gone as (
       delete from hookline.held_deliveries
        where consumer_group = $1 and topic = $2 and kafka_partition = $3
          and (digest, dedup_scope, event) in (select * from unnest($4::bytea[], $5::text[], $6::text[]))
       returning *
     ), claimed as (
       insert into hookline.processed_deliveries
              (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome)
       select distinct on (guid, digest, dedup_scope)
              guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, 'discarded'
         from gone
        where not exists (
                select
                  from hookline.processed_deliveries known
                 where known.guid = gone.guid and known.digest = gone.digest and known.dedup_scope = gone.dedup_scope)
          and not exists (
                select
                  from hookline.lane_deliveries waiting
                 where waiting.guid = gone.guid and waiting.digest = gone.digest
                   and waiting.dedup_scope = gone.dedup_scope)
        order by guid, digest, dedup_scope, kafka_offset
     )
     select ${ERASED_COLUMNS} from gone order by kafka_offset`,
    [
      place.consumerGroup,
      place.topic,
      place.partition,
      targets.map(({ digest }) => digest),
      targets.map(({ dedupScope }) => dedupScope),
      targets.map(({ event }) => event),
    ],
  );
  return rows;
}
