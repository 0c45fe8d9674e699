import { accepted, isAccepted, type LedgerEntry } from '../traffic/ledger.ts';
import type { Facts } from './facts.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I3, at the door: what was sent when another of its repository had been accepted is behind that in the log, in a later
 * topic, too.
 */
export function acceptedInOrder({ ledger, log }: Pick<Facts, 'ledger' | 'log'>): Violation[] {
  const placesOf = new Map<string, number[]>();
  log.forEach(({ delivery }, nth) => {
    if (delivery) placesOf.set(delivery.guid, [...(placesOf.get(delivery.guid) ?? []), nth]);
  });
  const overtaken = [...Map.groupBy(ledger, ({ key }) => key).values()].flatMap((entries) => {
    // What was lost of those that were accepted is another promise.
    const before = entries
      .filter((entry) => accepted(entry) > 0 && (placesOf.get(entry.guid)?.length ?? 0) >= accepted(entry))
      .map(({ guid, sendings }) => ({ guid, at: firstAccepted(sendings), place: placesOf.get(guid)?.[0] as number }))
      .toSorted((a, b) => a.at - b.at)
      .values();
    let next = before.next();
    let last = { guid: '', place: -1 };
    return sentInOrder(entries).flatMap(({ guid, at }) => {
      for (; !next.done && next.value.at < at; next = before.next()) {
        if (next.value.place > last.place) last = next.value;
      }
      const place = placesOf.get(guid)?.[0];
      return place !== undefined && place < last.place ? [`${guid}, sent when ${last.guid} was accepted`] : [];
    });
  });
  return violation('I3', 'deliveries before what was accepted when they were sent', overtaken);
}

const firstAccepted = (sendings: LedgerEntry['sendings']): number => sendings.find(isAccepted)?.endedAt ?? 0;

/** When each was sent first. Sendings are noted when they end. */
function sentInOrder(entries: readonly LedgerEntry[]): { guid: string; at: number }[] {
  return entries
    .map(({ guid, sendings }) => ({ guid, at: Math.min(...sendings.map(({ startedAt }) => startedAt)) }))
    .toSorted((a, b) => a.at - b.at);
}
