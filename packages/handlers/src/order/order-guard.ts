import { noteSubjectTime } from '@hookline/database';
import { HandlerMisuse } from '../handler-misuse.ts';
import type { HandledDelivery, HandlerDatabase } from '../handler.ts';
import type { OrderGuard } from './order.ts';
import { subjectOf } from './subject-of.ts';

/** @param db the transaction, under our own role */
export function orderGuard(handler: string, delivery: HandledDelivery, db: HandlerDatabase): OrderGuard {
  return {
    async stale() {
      const found = subjectOf(delivery);
      if (found.success) return noteSubjectTime(db, { handler, ...found.subject });
      if (found.ever) return false;
      throw new HandlerMisuse(
        `Handler ${handler} asked whether a delivery of ${delivery.event} is stale, which nobody can tell: ${found.why}`,
      );
    },
  };
}
