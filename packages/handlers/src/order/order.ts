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
