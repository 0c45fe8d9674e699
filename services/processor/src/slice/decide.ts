import type { RecordDecision } from '@hookline/contracts';
import { identityKey } from '@hookline/database';
import { isDelivery, type LogRecord } from './record.ts';

/** All that a decision depends on. It has been read under the fence, so that nothing of it changes before COMMIT. */
export interface Known {
  /** Identity keys claimed before this slice. */
  claimed: ReadonlySet<string>;
  /** Identity keys that wait in a lane. */
  waiting: Pick<ReadonlySet<string>, 'has'>;
  /** Ordering keys whose lane is open. */
  lanes: Pick<ReadonlySet<string>, 'has'>;
  /** Offsets of records that have failed alone: they are parked without another run. */
  failed: Pick<ReadonlySet<bigint>, 'has'>;
  isHandled: (event: string, action: string | null) => boolean;
}

/**
 * What becomes of each record, in log order. Pure.
 *
 * - What is no delivery is a dead letter; but a mark that the topic generation ends is ignored.
 * - What was claimed, before this slice or earlier in it, is a duplicate, and what waits already is not parked twice.
 * - What no handler asks for claims nothing, so that a handler deployed later still gets its redelivery.
 * - What has failed is parked, and so is all that comes behind it under its key: the lane keeps their order.
 */
export function decide(records: readonly LogRecord[], known: Known): RecordDecision[] {
  const inSlice = new Map<string, 'processed' | 'parked'>();
  const opened = new Set<string>();
  return records.map((record) => {
    if (!isDelivery(record)) return record.isEndMark ? 'ignored' : 'dead-lettered';
    const { delivery, orderingKey, offset } = record;
    const identity = identityKey(delivery);
    const earlier = inSlice.get(identity);
    if (known.claimed.has(identity) || earlier === 'processed') return 'duplicate';
    if (known.waiting.has(identity) || earlier === 'parked') return 'reset';
    if (!known.isHandled(delivery.event, delivery.action)) return 'ignored';
    if (known.failed.has(offset)) opened.add(orderingKey);
    const decision = known.lanes.has(orderingKey) || opened.has(orderingKey) ? 'parked' : 'processed';
    inSlice.set(identity, decision);
    return decision;
  });
}
