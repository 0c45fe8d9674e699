import type { Queryable } from '../database.ts';
import type { ClaimOutcome } from '../find-identities.ts';

/** An identity that has been processed, or never will be. */
export interface ClaimView {
  dedupScope: string;
  guid: string;
  digest: Buffer;
  event: string;
  outcome: ClaimOutcome;
  topic: string;
  partition: number;
  incarnation: number;
  offset: bigint;
  claimedAt: Date;
}

/** The claims with this GUID, the oldest first. */
export async function findClaims(database: Queryable, guid: string): Promise<ClaimView[]> {
  const { rows } = await database.query<{
    dedup_scope: string;
    guid: string;
    digest: Buffer;
    event: string;
    outcome: ClaimOutcome;
    topic: string;
    kafka_partition: number;
    incarnation: number;
    kafka_offset: string;
    claimed_at: Date;
  }>(
    `select dedup_scope, guid, digest, event, outcome, topic, kafka_partition, incarnation, kafka_offset, claimed_at
       from hookline.processed_deliveries
      where guid = $1
      order by claimed_at, topic, kafka_partition, incarnation, kafka_offset`,
    [guid],
  );
  return rows.map((row) => ({
    dedupScope: row.dedup_scope,
    guid: row.guid,
    digest: row.digest,
    event: row.event,
    outcome: row.outcome,
    topic: row.topic,
    partition: row.kafka_partition,
    incarnation: row.incarnation,
    offset: BigInt(row.kafka_offset),
    claimedAt: row.claimed_at,
  }));
}
