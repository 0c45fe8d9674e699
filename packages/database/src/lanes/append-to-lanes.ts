import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import type { StoredBody } from '../stored-body.ts';
import { DELIVERY_COLUMNS, grownLanes } from './append-sql.ts';

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
     ), ${grownLanes()}
     insert into hookline.lane_deliveries
            (consumer_group, topic, kafka_partition, incarnation, ordering_key, position, kafka_offset, appended_at,
             ${DELIVERY_COLUMNS})
     select $1, $2, $3, $4, ordering_key, first_position + nth - 1, kafka_offset, appended_at,
            ${DELIVERY_COLUMNS}
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
