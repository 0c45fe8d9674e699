import { noteSubjectTime } from '@hookline/database';
import { HandlerMisuse } from '../handler-misuse.ts';
import type { HandledDelivery, HandlerDatabase } from '../handler.ts';
import { subjectOf } from './subject-of.ts';

/** Tells what is late by GitHub's clock. Deliveries come in the order in which they arrived, which can be another. */
export interface OrderGuard {
  /**
   * Whether this handler has asked this before for a delivery about the same subject with a later time of GitHub's: then
   * what this one says is out of date. Times of one second are not told apart. Noted in the transaction, so that a
   * rollback forgets it. False where a payload does not say its time.
   *
   * @throws {HandlerMisuse} of an event whose payloads never say it; the rules are in docs/handlers/order.md
   */
  stale(): Promise<boolean>;
}

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
