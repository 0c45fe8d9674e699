import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import type { StoredBody } from '../stored-body.ts';

/**
 * Appends records to the lanes of their keys, which are open, in the order given; one round trip. Positions come from
 * the lanes' own counters: under the fence nobody else appends.
 *
 * @throws when a lane is not open: its record would be lost
 */
export async function appendToLanes(
  tx: Queryable,
  fence: Fence,
  records: readonly (LoggedDelivery & { stored: StoredBody })[],
): Promise<void> {
  if (records.length === 0) return;
  const { rowCount } = await tx.query(
    `with given as materialized (
       select *, row_number() over (partition by ordering_key order by n) as nth
         from unnest($5::text[], $6::bigint[], $7::timestamptz[], $8::text[], $9::text[], $10::uuid[], $11::bytea[],
                     $12::text[], $13::text[], $14::text[], $15::text[], $16::timestamptz[], $17::jsonb[],
                     $18::text[], $19::bytea[], $20::text[], $21::integer[])
              with ordinality as record (ordering_key, kafka_offset, appended_at, source, dedup_scope, guid, digest,
                                         event, action, repository_id, hook_id, received_at, headers,
                                         secret_label, body, body_encoding, body_bytes, n)
     ), grown as (
       update hookline.lanes lane
          set records = lane.records + more.records, bytes = lane.bytes + more.bytes,
              next_position = lane.next_position + more.records
         from (select ordering_key, count(*) as records, sum(octet_length(body)) as bytes
                 from given group by ordering_key) as more
        where lane.consumer_group = $1 and lane.topic = $2 and lane.kafka_partition = $3
          and lane.ordering_key = more.ordering_key
       returning lane.ordering_key, lane.next_position - more.records as first_position
     )
     insert into hookline.lane_deliveries
            (consumer_group, topic, kafka_partition, incarnation, ordering_key, position, kafka_offset, appended_at,
             source, dedup_scope, guid, digest, event, action, repository_id, hook_id, received_at, headers,
             secret_label, body, body_encoding, body_bytes)
     select $1, $2, $3, $4, ordering_key, first_position + nth - 1, kafka_offset, appended_at,
            source, dedup_scope, guid, digest, event, action, repository_id, hook_id, received_at, headers,
            secret_label, body, body_encoding, body_bytes
       from given join grown using (ordering_key)
      order by n`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      fence.incarnation,
      records.map((record) => record.orderingKey),
      records.map((record) => record.offset),
      records.map((record) => new Date(record.time)),
      records.map(({ delivery }) => delivery.source),
      records.map(({ delivery }) => delivery.dedupScope),
      records.map(({ delivery }) => delivery.guid),
      records.map(({ delivery }) => delivery.digest),
      records.map(({ delivery }) => delivery.event),
      records.map(({ delivery }) => delivery.action),
      records.map(({ delivery }) => delivery.repositoryId),
      records.map(({ delivery }) => delivery.hookId),
      records.map(({ delivery }) => new Date(delivery.receivedAt)),
      records.map(({ delivery }) => JSON.stringify(delivery.headers)),
      records.map(({ delivery }) => delivery.secretLabel),
      records.map(({ stored }) => stored.bytes),
      records.map(({ stored }) => stored.encoding),
      records.map(({ delivery }) => delivery.body.length),
    ],
  );
  if (rowCount !== records.length) {
    throw new Error(`${records.length} records were to be appended to lanes, and only ${rowCount} have an open one.`);
  }
}
