import { doneAt, isLate, type Arrival, type AskedEffect, type SendingFacts } from './sending-facts.ts';
import { violation, type Violation } from './violation.ts';

interface Sent {
  asked: AskedEffect;
  arrival: Arrival;
  from: number;
  until: number;
}

/**
 * E3: of one ordering key and queue one effect is under way at a time. A request that is never answered, since its relay is
 * frozen, counts as under way for as long as an attempt may take.
 */
export function oneAtATime(facts: SendingFacts): Violation[] {
  const asked = new Map(facts.asked.map((one) => [one.about, one]));
  const arrived = Map.groupBy(facts.arrivals, ({ about }) => about);
  const sent = facts.arrivals.flatMap((arrival): Sent[] => {
    const of = asked.get(arrival.about);
    const first = doneAt({ arrivals: arrived.get(arrival.about) ?? [] });
    if (!of || arrival.endedAt === null || isLate(arrival, first, facts)) return [];
    return [
      {
        asked: of,
        arrival,
        from: arrival.at,
        until: Math.min(arrival.endedAt, arrival.at + facts.deadlineMs),
      },
    ];
  });
  const found: string[] = [];
  for (const [queue, all] of Map.groupBy(sent, (one) => `${one.asked.key} ${one.asked.queue}`)) {
    let before: Sent | undefined;
    for (const one of all.toSorted((a, b) => a.from - b.from)) {
      if (before && one.from < before.until) {
        found.push(`${queue.trim()}: ${one.asked.about} within ${before.asked.about}`);
      }
      if (!before || one.until > before.until) before = one;
    }
  }
  return violation('E3', 'effects of one queue that were under way at once', found);
}
