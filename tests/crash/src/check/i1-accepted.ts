import { accepted } from '../traffic/ledger.ts';
import type { Facts } from './facts.ts';
import { isFirst, isSettled, type Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I1: each 202 is a record of the log, as it was sent, and each record of the log has come to an end or waits where
 * anybody can see it.
 */
export function acceptedAndAccounted(facts: Facts, outcomes: readonly Outcome[]): Violation[] {
  const inLog = Map.groupBy(
    facts.log.flatMap(({ delivery }) => delivery ?? []),
    ({ guid }) => guid,
  );
  const lost = facts.ledger.filter((entry) => (inLog.get(entry.guid)?.length ?? 0) < accepted(entry));
  const sent = new Map(facts.ledger.map((entry) => [entry.guid, entry]));
  const changed = outcomes.filter(({ record: { delivery } }) => {
    const original = delivery && sent.get(delivery.guid);
    if (!delivery) return false;
    return (
      !original ||
      original.key !== delivery.key ||
      original.digest !== delivery.digest ||
      original.event !== delivery.event
    );
  });
  const unaccounted = outcomes.filter(
    (outcome) =>
      outcome.read && isFirst(outcome) && outcome.handlers.length > 0 && !isSettled(outcome) && !outcome.waiting,
  );
  return [
    ...violation(
      'I1',
      'answered 202, and not (or not as often) in the log',
      lost.map(({ guid }) => guid),
    ),
    ...violation(
      'I1',
      'in the log, and not as it was sent',
      changed.map(({ place, record }) => `${place} ${record.delivery?.guid}`),
    ),
    ...violation(
      'I1',
      'below the stored offset, neither handled nor waiting',
      unaccounted.map(({ place, record }) => `${place} ${record.delivery?.guid}`),
    ),
  ];
}
