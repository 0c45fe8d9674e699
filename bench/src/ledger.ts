/**
 * What went in and what came out of one run. A side that loses work, or does some of it twice, is fast for the wrong reason:
 * such a run is void, and its figures are shown nowhere.
 */
export interface Ledger {
  /** Deliveries that were put into the log, posted, or otherwise handed to the side that is measured. */
  published: number;
  /** Those whose end was found at the other end, each counted once; not what the side says of itself. */
  completed: number;
  /** Those that are known not to have come through, such as what was answered 503 and not posted again. */
  missing: number;
}

/** Why a run with this ledger is void; null when it is not. */
export function ledgerProblem({ published, completed, missing }: Ledger): string | null {
  const counts = `${published} published, ${completed} completed, ${missing} missing`;
  if (![published, completed, missing].every((count) => Number.isInteger(count) && count >= 0)) {
    return `the ledger has no such numbers: ${counts}`;
  }
  if (published === 0) return 'nothing was published';
  if (completed + missing !== published) return `the ledger does not add up: ${counts}`;
  return null;
}
