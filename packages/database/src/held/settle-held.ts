import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import { DELIVERY_COLUMNS, grownLanes } from '../lanes/append-sql.ts';
import { heldValues, type HeldName } from './read-held-place.ts';

/**
 * Puts a held delivery behind what waits in its key's lane, which is open, as a run of all handlers that ask for it. Its row
 * stays without the body. Two round trips.
 *
 * @throws when it is not held, has no body, or its lane is not open
 */
export async function releaseHeld(tx: Queryable, fence: Fence, name: HeldName): Promise<void> {
  const { rowCount } = await tx.query(
    `with given as materialized (
       select *
         from hookline.held_deliveries
        where consumer_group = $1 and topic = $2 and kafka_partition = $3
          and digest = $4 and dedup_scope = $5 and event = $6 and state = 'held' and body is not null
     ), ${grownLanes()}
     insert into hookline.lane_deliveries
            (consumer_group, topic, kafka_partition, incarnation, ordering_key, position, kafka_offset, appended_at,
             ${DELIVERY_COLUMNS}, run)
     select $1, $2, $3, incarnation, ordering_key, first_position, kafka_offset, appended_at,
            ${DELIVERY_COLUMNS}, 'replay'
       from given join grown using (ordering_key)`,
    heldValues(fence, name),
  );
  if (rowCount !== 1) throw new Error('What was to be released is not held, or its lane is not open.');
  await settleHeld(tx, fence, name, 'released');
}

/** An operator's decision about a held delivery: its row stays without the body. @throws when it is not held */
export async function settleHeld(
  tx: Queryable,
  fence: Fence,
  name: HeldName,
  state: 'released' | 'discarded',
): Promise<void> {
  const { rowCount } = await tx.query(
    `update hookline.held_deliveries
        set state = $7, settled_at = now(), body = null, body_encoding = null, body_bytes = null
      where consumer_group = $1 and topic = $2 and kafka_partition = $3
        and digest = $4 and dedup_scope = $5 and event = $6 and state = 'held'`,
    [...heldValues(fence, name), state],
  );
  if (rowCount !== 1) throw new Error('What was decided about is not held.');
}
