import type { RecordDecision } from '@hookline/contracts';
import { identityKey } from '@hookline/database';
import type { DeliveryRecord } from './record.ts';

/**
 * What becomes of each record, in log order. Pure: all that it depends on has been read under the fence.
 *
 * A record is a duplicate when its identity was claimed before this slice or by an earlier record in it. One that no
 * handler asks for claims nothing, so that a handler deployed later still gets its redelivery.
 *
 * @param claimed identity keys claimed before this slice
 */
export function decide(
  records: readonly DeliveryRecord[],
  claimed: ReadonlySet<string>,
  isHandled: (event: string, action: string | null) => boolean,
): RecordDecision[] {
  const inSlice = new Set<string>();
  return records.map(({ delivery }) => {
    const identity = identityKey(delivery);
    if (claimed.has(identity) || inSlice.has(identity)) return 'duplicate';
    if (!isHandled(delivery.event, delivery.action)) return 'ignored';
    inSlice.add(identity);
    return 'processed';
  });
}
