import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';
import { DELIVERY_COLUMNS, grownLanes } from '../lanes/append-sql.ts';

/** Dead handlers of a delivery that are to run again. */
export interface DeadRun {
  run: 'reset' | 'redrive';
  orderingKey: string;
  /** Where the delivery is kept. */
  place: LogPlace;
  handlers: readonly string[];
  /** The state of their dead letters until now. */
  from: 'dead' | 'discarded';
  /** The record that asks for it; null: an operator does, and no other record of it was seen. */
  seen: LogPlace | null;
}

/**
 * Puts dead deliveries behind what waits in their keys' lanes, which are open, as runs of their dead handlers, in the order
 * given; their dead letters wait from now on. The bodies stay in the database. Two round trips.
 *
 * @throws when one is not there, has no body any more, its lane is not open, or a dead letter is in another state
 */
export async function runDeadAgain(tx: Queryable, fence: Fence, runs: readonly DeadRun[]): Promise<void> {
  if (runs.length === 0) return;
  const place = [fence.consumerGroup, fence.topic, fence.partition];
  const { rowCount } = await tx.query(
    `with asked as materialized (
       select *
         from unnest($4::text[], $5::text[], $6::integer[], $7::bigint[], $8::text[], $9::integer[], $10::bigint[])
              with ordinality as run (run, ordering_key, incarnation, kafka_offset, handlers, seen_incarnation,
                                      seen_offset, n)
     ), given as materialized (
       update hookline.dead_deliveries dead
          set seen_incarnation = coalesce(asked.seen_incarnation, dead.seen_incarnation),
              seen_offset = coalesce(asked.seen_offset, dead.seen_offset)
         from asked
        where dead.consumer_group = $1 and dead.topic = $2 and dead.kafka_partition = $3
          and dead.incarnation = asked.incarnation and dead.kafka_offset = asked.kafka_offset
          and dead.body is not null
       returning asked.n, asked.run, asked.handlers, asked.ordering_key as lane_key, dead.*
     ), numbered as (
       select *, row_number() over (partition by lane_key order by n) as nth from given
     ), ${grownLanes('lane_key')}
     insert into hookline.lane_deliveries
            (consumer_group, topic, kafka_partition, incarnation, ordering_key, position, kafka_offset, appended_at,
             ${DELIVERY_COLUMNS}, run, dead_incarnation, dead_offset, dead_handlers)
     select $1, $2, $3, incarnation, lane_key, first_position + nth - 1, kafka_offset, appended_at,
            source, dedup_scope, guid, digest, event, action, repository_id, hook_id, received_at, headers,
            secret_label, body, body_encoding, coalesce(body_bytes, octet_length(body)), run, incarnation,
            kafka_offset, string_to_array(handlers, chr(10))
       from numbered join grown on grown.ordering_key = lane_key
      order by n`,
    [
      ...place,
      runs.map(({ run }) => run),
      runs.map(({ orderingKey }) => orderingKey),
      runs.map((run) => run.place.incarnation),
      runs.map((run) => run.place.offset),
      runs.map(({ handlers }) => handlers.join('\n')),
      runs.map(({ seen }) => seen?.incarnation ?? null),
      runs.map(({ seen }) => seen?.offset ?? null),
    ],
  );
  if (rowCount !== runs.length) {
    throw new Error(`${runs.length} dead deliveries were to run again, and only ${rowCount} can.`);
  }
  await setWaiting(tx, fence, runs);
}

async function setWaiting(tx: Queryable, fence: Fence, runs: readonly DeadRun[]): Promise<void> {
  const letters = runs.flatMap(({ place, handlers, from }) => handlers.map((handler) => ({ ...place, handler, from })));
  const { rowCount } = await tx.query(
    `update hookline.dead_letters letter
        set state = 'waiting', settled_at = null
       from unnest($4::integer[], $5::bigint[], $6::text[], $7::text[])
            as asked (incarnation, kafka_offset, handler, state)
      where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = $3
        and letter.incarnation = asked.incarnation and letter.kafka_offset = asked.kafka_offset
        and letter.handler = asked.handler and letter.state = asked.state`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      letters.map(({ incarnation }) => incarnation),
      letters.map(({ offset }) => offset),
      letters.map(({ handler }) => handler),
      letters.map(({ from }) => from),
    ],
  );
  if (rowCount !== letters.length) {
    throw new Error(
      `${letters.length} handlers were to run again, and only ${rowCount} of them are dead or discarded as they were.`,
    );
  }
}
