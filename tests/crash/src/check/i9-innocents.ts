import type { LedgerEntry } from '../traffic/ledger.ts';
import { placeOf, type Facts } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/** Processes that a record may cost before it is set aside. */
const DEATHS = 3;

/**
 * I9: a poison delivery delays its own repository only, and what dies is what was meant to. Where only handlers fail,
 * no other repository has waited in a lane; where servers and processes fail, too, it may have, and must not have died.
 *
 * @param expectations.struck each three of these can be the deaths of one record, for which nobody could tell whose fault
 *   they were: as many records may have died by them, and no more
 */
export function onlyPoisonWaited(
  facts: Facts,
  outcomes: readonly Outcome[],
  { onlyHandlersFailed: strict, struck = 0 }: { onlyHandlersFailed: boolean; struck?: number },
): Violation[] {
  const sent = new Map(facts.ledger.map((entry) => [entry.guid, entry]));
  const entryOf = ({ record }: Outcome) => sent.get(record.delivery?.guid ?? '');
  const waited = outcomes.filter((it) => it.log[0]?.decision === 'parked' && entryOf(it)?.poisoned === false);
  const letters = new Map(facts.deadLetters.map((letter) => [`${placeOf(letter)} ${letter.handler}`, letter]));
  const due = new Set(
    outcomes.flatMap((outcome) => {
      const misdeed = entryOf(outcome)?.misdeed;
      const { place, story } = outcome;
      if (misdeed?.forMs !== null || misdeed.does === 'late' || !outcome.read || story?.queue.length !== 0) return [];
      return story.handlers.has(misdeed.in) ? [`${place} ${misdeed.in}`] : [];
    }),
  );
  const mayBe = new Set(outcomes.flatMap((outcome) => excuses(outcome, entryOf(outcome))));
  const undecodable = new Set(
    outcomes
      .filter(({ record }) => !record.delivery && !record.command && !record.isEndMark)
      .map(({ place }) => `${place} null`),
  );
  const blamed = [...letters].filter(([name]) => !due.has(name) && !mayBe.has(name) && !undecodable.has(name));
  const killers = blamed.filter(([, { reason }]) => reason === 'process-killed');
  const innocents =
    killers.length > Math.floor(struck / DEATHS) ? blamed : blamed.filter((it) => !killers.includes(it));
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

/** What fails for longer than its attempts last, and what an operator has set aside. */
function excuses({ place, story }: Outcome, entry: LedgerEntry | undefined): string[] {
  return [...(story?.handlers ?? [])].flatMap(([handler, { skipped }]) =>
    skipped || (entry?.misdeed?.outlasts && entry.misdeed.in === handler) ? [`${place} ${handler}`] : [],
  );
}
