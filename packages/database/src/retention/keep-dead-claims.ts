import type { Queryable } from '../database.ts';
import type { OldRange } from './ranged-table.ts';
import type { At } from './read-old-ranges.ts';

/**
 * Claims anew, as of now, what an old range has claimed as dead and what still has a dead letter to be decided; returns
 * how many. Without its claim a redelivery would run every handler again, those that succeeded too, and a redrive of the
 * dead letter would then run the dead one twice.
 *
 * To be committed before the range is detached: whoever no longer sees the old claim sees the new one. No fence: the
 * identity is known before and after, so that its owner claims nothing meanwhile.
 */
export async function keepDeadClaims(on: Queryable, { name, to }: OldRange, at: At = null): Promise<number> {
  const { rowCount } = await on.query(
    `insert into hookline.processed_deliveries
            (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome, claimed_at)
     select guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome,
            coalesce($2::timestamptz, now())
       from hookline.${name} old
      where outcome = 'dead'
        and exists (
              select
                from hookline.dead_deliveries dead
                join hookline.dead_letters letter
               using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
               where dead.guid = old.guid and dead.digest = old.digest and dead.dedup_scope = old.dedup_scope
                 and letter.state in ('dead', 'waiting'))
        and not exists (
              select
                from hookline.processed_deliveries young
               where young.guid = old.guid and young.digest = old.digest and young.dedup_scope = old.dedup_scope
                 and young.claimed_at >= $1)
         on conflict do nothing`,
    [new Date(to), at],
  );
  return rowCount;
}
