import {
  deferLane,
  endRun,
  errorFingerprint,
  noteLastRun,
  writeAudit,
  type FencedOut,
  type LaneDelivery,
  type LaneHead,
} from '@hookline/database';
import { decideHead, type HeadDecision, type HeadEvent } from './decide-lane.ts';
import type { HandlerFailure } from '../slice/run-handlers.ts';
import { askedHandlers, auditOf, startOf } from './lane-records.ts';
import type { OwnedLanes } from './lane-settings.ts';
import { fencedStep, type GaveWay } from './lane-transaction.ts';

/**
 * Notes a try of the head that did not complete it, and when the next one is due. Attempts that are exhausted by it are
 * noted in the same transaction as the last run's beginning, so that no further try counts.
 */
export function putOff(
  lanes: OwnedLanes,
  head: LaneHead,
  record: LaneDelivery,
  failure: HandlerFailure,
  event: HeadEvent,
): Promise<{ success: true; value: HeadDecision } | FencedOut | GaveWay> {
  const { fence, handlers, policy, random } = lanes;
  const { orderingKey } = head;
  const { message } = errorFingerprint(failure.error);
  const decision = decideHead(head, event, policy, random());
  return fencedStep(lanes, record, async (tx) => {
    await deferLane(tx, fence, orderingKey, { ...decision, error: message, triedEpoch: fence.epoch });
    const [first] = askedHandlers(handlers, record);
    if (decision.next === 'last-run' && first && record.lastRun === null) {
      await noteLastRun(tx, fence, orderingKey, record.position, first.name, 'started');
    }
    await writeAudit(tx, [
      {
        ...auditOf(fence, record),
        decision: 'retried',
        handler: failure.handler,
        attempt: decision.attempts,
        detail: event.type === 'deferred' ? `Not counted: ${message}` : message,
      },
    ]);
    await endRun(tx, fence, startOf(orderingKey));
    return decision;
  });
}
