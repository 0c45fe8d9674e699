import type { Queryable } from '../../database.ts';
import type { PartitionPlace } from '../../fence.ts';
import type { ErasureTarget } from './erasure-targets.ts';
import { ERASED_COLUMNS, type ErasedDelivery } from './write-erasure.ts';

export type DeadTarget = Extract<ErasureTarget, { where: 'dead' }>;

/** What stands where a text was. */
export const ERASED_TEXT = '(erased)';

/**
 * Takes the bodies, headers and error texts of dead deliveries, under the lock of their partition. Their open letters are
 * discarded: without the body there is nothing to run, and with all letters settled the identity counts as processed.
 * Left as it is: what a lane has to run again, and has a copy of.
 *
 * @returns what was erased, and what of it was discarded; not what had been erased before
 */
export async function eraseDead(
  tx: Queryable,
  place: PartitionPlace,
  targets: readonly DeadTarget[],
): Promise<{ erased: ErasedDelivery[]; discarded: ErasedDelivery[] }> {
  const erased = await takeBodies(tx, place, targets);
  const open = await takeErrors(tx, place, erased);
  return { erased, discarded: erased.filter((row) => open.has(placeKey(row))) };
}

async function takeBodies(
  tx: Queryable,
  { consumerGroup, topic, partition }: PartitionPlace,
  targets: readonly DeadTarget[],
): Promise<ErasedDelivery[]> {
  const { rows } = await tx.query<ErasedDelivery & Record<string, unknown>>(
    `update hookline.dead_deliveries dead
        set body = null, body_encoding = null, body_bytes = null, headers = null, record_key = null,
            action = case when event = 'repository_dispatch' then null else action end, erased_at = now()
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and erased_at is null
        and (incarnation, kafka_offset) in (select * from unnest($4::integer[], $5::bigint[]))
        and not exists (
              select
                from hookline.lane_deliveries waiting
               where waiting.consumer_group = $1 and waiting.topic = $2 and waiting.kafka_partition = $3
                 and waiting.ordering_key = dead.ordering_key
                 and waiting.dead_incarnation = dead.incarnation and waiting.dead_offset = dead.kafka_offset)
     returning ${ERASED_COLUMNS}`,
    [
      consumerGroup,
      topic,
      partition,
      targets.map(({ incarnation }) => incarnation),
      targets.map(({ offset }) => offset),
    ],
  );
  return rows;
}

/** @returns the places of those of which a letter was open */
async function takeErrors(
  tx: Queryable,
  { consumerGroup, topic, partition }: PartitionPlace,
  erased: readonly ErasedDelivery[],
): Promise<Set<string>> {
  const { rows } = await tx.query<{ incarnation: number; kafka_offset: string; open: boolean }>(
    `update hookline.dead_letters letter
        set error_message = $6, error_stack = null,
            state = case when was.open then 'discarded' else letter.state end,
            settled_at = case when was.open then now() else letter.settled_at end
       from (select dead_letter_id, state in ('dead', 'waiting') as open
               from hookline.dead_letters
              where consumer_group = $1 and topic = $2 and kafka_partition = $3
                and (incarnation, kafka_offset) in (select * from unnest($4::integer[], $5::bigint[]))) as was
      where letter.dead_letter_id = was.dead_letter_id
     returning incarnation, kafka_offset, was.open`,
    [
      consumerGroup,
      topic,
      partition,
      erased.map(({ incarnation }) => incarnation),
      erased.map(({ kafka_offset: offset }) => offset),
      ERASED_TEXT,
    ],
  );
  return new Set(rows.filter(({ open }) => open).map(placeKey));
}

function placeKey({ incarnation, kafka_offset: offset }: { incarnation: number; kafka_offset: string }): string {
  return `${incarnation}/${offset}`;
}
