import { isRefused, type LedgerEntry } from '../traffic/ledger.ts';
import { placeOf, type Claim, type DeadLetter, type Facts } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/** A time of the database is exact, one of the ledger is cut to whole milliseconds. */
const ROUNDING_MS = 1;
const SETTLED = new Set(['redriven', 'discarded']);

/**
 * I1, at the door: what was answered as processed before was settled by then, for good and in the log, or it would be lost
 * by the answer; and what was answered as reset has waited or died.
 */
export function rightlyAnswered(facts: Facts, outcomes: readonly Outcome[]): Violation[] {
  const { ledger, claims, deadLetters, restoredAt, aged } = facts;
  const claimOf = new Map(claims.map((claim) => [claim.guid, claim]));
  const claimedBefore = new Map(aged.map((it) => [it.guid, it.claimedAt]));
  const lettersAt = Map.groupBy(deadLetters, placeOf);
  const tooEarly = ledger.flatMap(({ guid, sendings }) => {
    const claim = claimOf.get(guid);
    const isDead = claim?.outcome === 'dead';
    const before = isDead ? undefined : claimedBefore.get(guid);
    const settledAt = before ?? (claim ? settledSince(claim, lettersAt.get(placeOf(claim)) ?? []) : null);
    // What was claimed before that may have been claimed anew.
    const wrong = sendings.filter(
      (sending) =>
        isRefused(sending) &&
        (settledAt === null || (sending.endedAt > restoredAt && settledAt > sending.endedAt + ROUNDING_MS)),
    );
    return wrong.map(({ endedAt }) => `${guid} at ${endedAt}, settled ${settledAt ?? 'never'}`);
  });
  const waited = new Set(outcomes.filter(hasWaited).map(({ record }) => record.delivery?.guid));
  const neverReset = ledger.filter((entry) => wasReset(entry) && !waited.has(entry.guid));
  return [
    ...violation('I1', 'answered 409, and not settled by then', tooEarly),
    ...violation(
      'I1',
      'answered as reset, and neither waited nor dead',
      neverReset.map(({ guid }) => guid),
    ),
  ];
}

/** From when on nothing of a delivery would run any more; null: it still would. */
function settledSince({ outcome, claimedAt }: Claim, letters: readonly DeadLetter[]): number | null {
  if (outcome !== 'dead') return claimedAt;
  if (letters.length === 0 || !letters.every(({ state }) => SETTLED.has(state))) return null;
  return Math.max(...letters.map(({ settledAt }) => settledAt ?? Number.POSITIVE_INFINITY));
}

const wasReset = ({ sendings }: LedgerEntry): boolean => sendings.some(({ reset }) => reset);
const hasWaited = ({ log, story, letters, forgotten }: Outcome): boolean =>
  // That it was parked is no longer in the audit.
  forgotten ||
  letters.length > 0 ||
  log.some(({ decision }) => decision === 'parked' || (decision === 'held' && story !== null));
