import type { Queryable } from './database.ts';
import type { ClaimOutcome, Identity } from './find-identities.ts';

/** An identity, with the place in the log where it is claimed. */
export interface Claim extends Identity {
  event: string;
  topic: string;
  partition: number;
  incarnation: number;
  offset: bigint;
  /** Default: `processed`. */
  outcome?: ClaimOutcome;
}

/**
 * Claims identities; one round trip. No ON CONFLICT: the fence has serialised us with whoever could claim the same,
 * and the look-up under it found none, so a unique violation means that this reasoning broke, and must fail loudly
 * and roll back instead of counting something as processed twice.
 */
export async function claimIdentities(tx: Queryable, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  await tx.query(
    `insert into hookline.processed_deliveries
            (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome)
     select * from unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::integer[],
                          $8::bigint[], $9::text[])`,
    [
      claims.map((claim) => claim.guid),
      claims.map((claim) => claim.digest),
      claims.map((claim) => claim.dedupScope),
      claims.map((claim) => claim.event),
      claims.map((claim) => claim.topic),
      claims.map((claim) => claim.partition),
      claims.map((claim) => claim.incarnation),
      claims.map((claim) => claim.offset),
      claims.map((claim) => claim.outcome ?? 'processed'),
    ],
  );
}
