import { bigintArray, byteaArray, integerArray, textArray, uuidArray } from './arrays/typed-arrays.ts';
import type { Queryable } from './database.ts';
import type { ClaimOutcome, Identity } from './find-identities.ts';
import { prepared } from './prepared.ts';

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

const CLAIM = prepared(
  `insert into hookline.processed_deliveries
          (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome)
   select * from unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::integer[],
                        $8::bigint[], $9::text[])`,
);

/**
 * Claims identities; one round trip. No ON CONFLICT: the fence has serialised us with whoever could claim the same,
 * and the look-up under it found none, so a unique violation means that this reasoning broke, and must fail loudly
 * and roll back instead of counting something as processed twice.
 */
export async function claimIdentities(tx: Queryable, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  await tx.query(CLAIM, [
    uuidArray(claims.map((claim) => claim.guid)),
    byteaArray(claims.map((claim) => claim.digest)),
    textArray(claims.map((claim) => claim.dedupScope)),
    textArray(claims.map((claim) => claim.event)),
    textArray(claims.map((claim) => claim.topic)),
    integerArray(claims.map((claim) => claim.partition)),
    integerArray(claims.map((claim) => claim.incarnation)),
    bigintArray(claims.map((claim) => claim.offset)),
    textArray(claims.map((claim) => claim.outcome ?? 'processed')),
  ]);
}
