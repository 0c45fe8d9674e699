import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';

/** A held delivery that a decision is about. */
export interface HeldTarget {
  partition: number;
  orderingKey: string;
  digest: Buffer;
  dedupScope: string;
  event: string;
  generation: number;
  reason: string;
  /** Of its first arrival, and of the delivery that it is like. */
  guid: string;
  knownGuid: string;
  arrivals: number;
}

/**
 * What is held, or was and is discarded, with this GUID, or a digest that begins so (hex, lower case), in the order of the
 * log; at most 100.
 */
export async function findHeldTargets(
  database: Queryable,
  { consumerGroup, topic }: Omit<PartitionPlace, 'partition'>,
  by: { guid: string } | { digest: string },
  state: 'held' | 'discarded' = 'held',
): Promise<HeldTarget[]> {
  const [condition, value] =
    'guid' in by ? ['guid = $3::uuid', by.guid] : [`starts_with(encode(digest, 'hex'), $3)`, by.digest];
  const { rows } = await database.query<{
    kafka_partition: number;
    ordering_key: string;
    digest: Buffer;
    dedup_scope: string;
    event: string;
    generation: number;
    reason: string;
    guid: string;
    known_guid: string;
    arrivals: string;
  }>(
    `select kafka_partition, ordering_key, digest, dedup_scope, event, generation, reason, guid, known_guid, arrivals
       from hookline.held_deliveries
      where consumer_group = $1 and topic = $2 and state = $4 and ${condition}
      order by kafka_partition, incarnation, kafka_offset, digest, dedup_scope, event
      limit 100`,
    [consumerGroup, topic, value, state],
  );
  return rows.map((row) => ({
    partition: row.kafka_partition,
    orderingKey: row.ordering_key,
    digest: row.digest,
    dedupScope: row.dedup_scope,
    event: row.event,
    generation: row.generation,
    reason: row.reason,
    guid: row.guid,
    knownGuid: row.known_guid,
    arrivals: Number(row.arrivals),
  }));
}
