import { accepted, refused } from '../traffic/ledger.ts';
import type { Facts } from './facts.ts';
import { isFirst, type Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I1: each 202 is a record of the log, as it was sent, and what was answered 409 is one, too; each record of the log has
 * come to an end or waits where anybody can see it.
 */
export function acceptedAndAccounted(facts: Facts, outcomes: readonly Outcome[]): Violation[] {
  const inLog = Map.groupBy(
    facts.log.flatMap(({ delivery }) => delivery ?? []),
    ({ guid }) => guid,
  );
  // What is refused as processed before is in the log, too: its sender heard nothing of it the first time.
  const lost = facts.ledger.filter((entry) => {
    const due = Math.max(accepted(entry), refused(entry) > 0 ? 1 : 0);
    return (inLog.get(entry.guid)?.length ?? 0) < due;
  });
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
  const held = new Set(facts.held.map(({ digest }) => digest));
  const unaccounted = outcomes.filter((outcome) => {
    const { read, handlers, story, record, waiting } = outcome;
    if (!read || !isFirst(outcome) || handlers.length === 0 || story?.claimed) return false;
    return waiting === 0 && !(outcome.log[0]?.decision === 'held' && held.has(record.delivery?.digest ?? ''));
  });
  return [
    ...violation(
      'I1',
      'answered 202 or 409, and not (or not as often) in the log',
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
