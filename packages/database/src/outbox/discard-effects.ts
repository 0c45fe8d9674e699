import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import { SETTLED_COLUMNS } from './settled-columns.ts';

/**
 * Dead effects are settled without being sent; asked for again, they are known. One round trip.
 *
 * @throws when one is not there, or not dead: who decides has looked under the fence
 */
export async function discardEffects(tx: Queryable, fence: Fence, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { rowCount } = await tx.query(
    `with gone as (
       delete from hookline.outbox
        where effect_id = any ($4::uuid[]) and consumer_group = $1 and topic = $2 and kafka_partition = $3
          and state = 'dead'
       returning *
     )
     insert into hookline.settled_effects (${SETTLED_COLUMNS}, outcome, attempts)
     select ${SETTLED_COLUMNS}, 'discarded', total_attempts from gone`,
    [fence.consumerGroup, fence.topic, fence.partition, ids],
  );
  if (rowCount !== ids.length) {
    throw new Error(`${ids.length} effects were to be discarded, and only ${rowCount} of them are dead.`);
  }
}
