import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { ArrivingIdentity, LogPlace } from '../find-identities.ts';

/** A delivery of which a handler is dead. */
export interface DeadIdentity {
  /** Where it is kept. */
  place: LogPlace;
  /** The last record that has done something about it. */
  seen: LogPlace;
  /**
   * Handlers that are dead, and neither wait for a run nor were discarded; none: it counts as processed. None either where
   * its body was erased: nothing is left to run.
   */
  handlers: string[];
}

/**
 * Which of the identities have died in this partition, under the event by which they arrive, by their
 * index; one round trip. Several deaths of one (it was processed again after the horizon): the last. One that died under another
 * event was held, and ran by an operator's release: it is no death of this one.
 *
 * `offset 0` keeps each look-up a probe: else all that is dead in the partition could be read in its order, or joined.
 */
export async function findDeadIdentities(
  tx: Queryable,
  fence: Fence,
  identities: readonly ArrivingIdentity[],
): Promise<Map<number, DeadIdentity>> {
  if (identities.length === 0) return new Map();
  const { rows } = await tx.query<{
    n: string;
    incarnation: number;
    kafka_offset: string;
    seen_incarnation: number;
    seen_offset: string;
    handlers: string[];
  }>(
    `select asked.n, dead.incarnation, dead.kafka_offset,
            coalesce(dead.seen_incarnation, dead.incarnation) as seen_incarnation,
            coalesce(dead.seen_offset, dead.kafka_offset) as seen_offset,
            array(select handler
                    from hookline.dead_letters letter
                   where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = $3
                     and letter.incarnation = dead.incarnation and letter.kafka_offset = dead.kafka_offset
                     and letter.state = 'dead' and letter.handler is not null and dead.has_body
                   order by handler) as handlers
       from unnest($4::uuid[], $5::bytea[], $6::text[], $7::text[]) with ordinality as asked (guid, digest, dedup_scope, event, n)
      cross join lateral (
            select incarnation, kafka_offset, seen_incarnation, seen_offset, body is not null as has_body
              from (select *
                      from hookline.dead_deliveries
                     where guid = asked.guid and digest = asked.digest and dedup_scope = asked.dedup_scope
                       and event = asked.event
                       and consumer_group = $1 and topic = $2 and kafka_partition = $3
                    offset 0) as known
             where exists (select from hookline.dead_letters letter
                            where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = $3
                              and letter.incarnation = known.incarnation
                              and letter.kafka_offset = known.kafka_offset and letter.handler is not null
                           offset 0)
             order by incarnation desc, kafka_offset desc
             limit 1) as dead`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      identities.map((identity) => identity.guid),
      identities.map((identity) => identity.digest),
      identities.map((identity) => identity.dedupScope),
      identities.map((identity) => identity.event),
    ],
  );
  return new Map(
    rows.map((row) => [
      Number(row.n) - 1,
      {
        place: { incarnation: row.incarnation, offset: BigInt(row.kafka_offset) },
        seen: { incarnation: row.seen_incarnation, offset: BigInt(row.seen_offset) },
        handlers: row.handlers,
      },
    ]),
  );
}
