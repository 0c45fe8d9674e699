import {
  findIdentities,
  identityKey,
  type Claim,
  type ClaimOutcome,
  type Fence,
  type LaneDelivery,
  type Queryable,
} from '@hookline/database';
import { claimOf } from './lane-records.ts';

/**
 * What records claim when they leave their lane. A dead one that runs again is claimed since it died; a released one can
 * be, under the event by which its identity was known before, also by a record that leaves with it.
 */
export async function claimsOf(
  tx: Queryable,
  fence: Fence,
  records: readonly LaneDelivery[],
  outcome: ClaimOutcome = 'processed',
): Promise<Claim[]> {
  const replays = records.filter(({ run }) => run === 'replay');
  const known = await findIdentities(
    tx,
    fence,
    replays.map(({ delivery }) => delivery),
  );
  const claimed = new Set(replays.filter((_, index) => known.get(index)?.claim));
  const claims = records
    .filter((record) => record.dead === null && !claimed.has(record))
    .map((record) => ({ ...claimOf(fence, record), outcome }));
  return [...new Map(claims.toReversed().map((claim) => [identityKey(claim), claim])).values()].toReversed();
}
