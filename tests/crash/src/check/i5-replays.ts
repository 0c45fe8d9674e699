import { canRepeat } from '@hookline/github';
import { placeOf, type Facts } from './facts.ts';
import { violation, type Violation } from './violation.ts';

const ACTION = 'opened';

/**
 * I5: a body that is posted again under another GUID, which is not signed, does not run unless an operator has released it,
 * and keeps nothing from running. Which GUID was first is what the log says; where payloads of the event can repeat, each is
 * a delivery of its own.
 */
export function replaysHeld({ log, effects, audit, aged }: Facts): Violation[] {
  const forgotten = new Set(aged.filter(({ beyond }) => beyond).map(({ guid }) => guid));
  const firstOf = new Map<string, string>();
  const places = new Map<string, string>();
  for (const record of log) {
    const { delivery } = record;
    if (!delivery || canRepeat(delivery.event, ACTION)) continue;
    const first = firstOf.get(delivery.digest) ?? delivery.guid;
    firstOf.set(delivery.digest, first);
    // What is forgotten is no payload that is known.
    if (first !== delivery.guid && !forgotten.has(first)) places.set(placeOf(record), delivery.guid);
  }
  const released = new Set(
    audit.flatMap(({ stage, decision, guid }) => (stage === 'operator' && decision === 'released' ? (guid ?? []) : [])),
  );
  const ran = effects.filter((effect) => {
    const guid = places.get(placeOf(effect));
    return guid !== undefined && !released.has(guid);
  });
  const genuine = new Set(firstOf.values());
  const suppressed = audit.filter(
    ({ stage, decision, guid }) => stage === 'log' && decision === 'held' && guid !== null && genuine.has(guid),
  );
  return [
    ...violation(
      'I5',
      'replays that nobody has released, and that ran',
      ran.map((effect) => `${placeOf(effect)} ${effect.guid} ${effect.handler}`),
    ),
    ...violation(
      'I5',
      'genuine deliveries that were held for a replay',
      suppressed.map((row) => `${placeOf(row)} ${row.guid}`),
    ),
  ];
}
