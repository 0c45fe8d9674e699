import type { Queryable } from './database.ts';

/** What makes two arrivals the same delivery. */
export interface Identity {
  dedupScope: string;
  /** UUID, lower case. */
  guid: string;
  /** SHA-256 of the payload, 32 bytes. */
  digest: Buffer;
}

/** One string per identity, equal exactly for equal ones. */
export function identityKey(identity: Identity): string {
  return `${identity.guid}:${identity.digest.toString('base64')}:${identity.dedupScope}`;
}

/**
 * Which of the identities have been claimed, over all live ranges, as {@link identityKey}s; one round trip.
 *
 * A lateral look-up with `limit 1` and not a join: it can only be planned as one index probe per range, whatever the
 * planner believes about how many rows there are.
 */
export async function findIdentities(tx: Queryable, identities: readonly Identity[]): Promise<Set<string>> {
  if (identities.length === 0) return new Set();
  const { rows } = await tx.query<{ n: string }>(
    `select asked.n
       from unnest($1::uuid[], $2::bytea[], $3::text[]) with ordinality as asked (guid, digest, dedup_scope, n)
      cross join lateral (
            select 1
              from hookline.processed_deliveries known
             where known.guid = asked.guid
               and known.digest = asked.digest
               and known.dedup_scope = asked.dedup_scope
             limit 1) as claimed`,
    [
      identities.map((identity) => identity.guid),
      identities.map((identity) => identity.digest),
      identities.map((identity) => identity.dedupScope),
    ],
  );
  return new Set(rows.map(({ n }) => identityKey(identities[Number(n) - 1] as Identity)));
}
