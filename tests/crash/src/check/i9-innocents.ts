import { placeOf, type Facts } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I9: a poison delivery delays its own repository only, and what dies is what was meant to. Where only handlers fail,
 * no other repository has waited in a lane; where servers and processes fail, too, it may have, and must not have died.
 */
export function onlyPoisonWaited(facts: Facts, outcomes: readonly Outcome[], strict: boolean): Violation[] {
  const sent = new Map(facts.ledger.map((entry) => [entry.guid, entry]));
  const entryOf = ({ record }: Outcome) => sent.get(record.delivery?.guid ?? '');
  const waited = outcomes.filter((it) => it.log[0]?.decision === 'parked' && entryOf(it)?.poisoned === false);
  const letters = new Map(facts.deadLetters.map((letter) => [`${placeOf(letter)} ${letter.handler}`, letter]));
  const due = new Set(
    outcomes.flatMap((outcome) => {
      const misdeed = entryOf(outcome)?.misdeed;
      const isDue = misdeed?.forMs === null && outcome.first === outcome.place && misdeed.does !== 'late';
      return isDue && outcome.handlers.includes(misdeed.in) && !outcome.waiting && outcome.read
        ? [`${outcome.place} ${misdeed.in}`]
        : [];
    }),
  );
  const undecodable = new Set(
    outcomes.filter(({ record }) => !record.delivery && !record.isEndMark).map(({ place }) => `${place} null`),
  );
  const innocents = [...letters].filter(([name]) => !due.has(name) && !undecodable.has(name));
  return [
    ...violation(
      'I9',
      'repositories without poison waited in a lane',
      strict ? waited.map(({ place, record }) => `${place} ${record.delivery?.key}`) : [],
    ),
    ...violation(
      'I9',
      'deliveries died that should not have',
      innocents.map(([name, { reason, attempts }]) => `${name} ${reason} after ${attempts} attempts`),
    ),
    ...violation(
      'I9',
      'deliveries that fail for ever and are not dead',
      [...due].filter((name) => !letters.has(name)),
    ),
  ];
}
