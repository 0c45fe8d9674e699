import { placeOf, type Facts } from './facts.ts';
import { isFirst, type Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I4: every record below the stored offset has exactly one audit row of stage `log`, which says what it must, and none
 * above it has one; what was parked has one end in its lane, or waits.
 */
export function allAudited(facts: Facts, outcomes: readonly Outcome[]): Violation[] {
  const unaudited = outcomes.filter(({ read, log, forgotten }) => log.length !== (read && !forgotten ? 1 : 0));
  const firsts = new Map(outcomes.filter(isFirst).map((outcome) => [outcome.place, outcome]));
  const wrong = outcomes.flatMap((outcome) => {
    const decision = outcome.log[0]?.decision;
    if (decision === undefined || decisionsOf(outcome, firsts).includes(decision)) return [];
    return [`${outcome.place} ${decision}`];
  });
  const known = new Set(facts.log.map(placeOf));
  const strays = facts.audit.filter((row) => row.stage !== 'partition' && !known.has(placeOf(row)));
  const lanes = outcomes.flatMap((outcome) => {
    const problem = laneProblem(outcome);
    return problem === null ? [] : [`${outcome.place} ${problem}`];
  });
  return [
    ...violation(
      'I4',
      'records without exactly one audit row',
      unaudited.map(({ place, read, log }) => `${place} ${read ? 'read' : 'not read'}: ${log.length} rows`),
    ),
    ...violation('I4', 'audit rows that say what cannot be', wrong),
    ...violation(
      'I4',
      'audit rows of what is not in the log',
      strays.map((row) => `${placeOf(row)} ${row.decision}`),
    ),
    ...violation('I4', 'records that were parked without exactly one end', lanes),
    ...unlettered(facts, outcomes),
  ];
}

function decisionsOf(outcome: Outcome, firsts: ReadonlyMap<string, Outcome>): string[] {
  if (outcome.record.isEndMark) return ['ignored'];
  if (!outcome.record.delivery) return ['dead-lettered'];
  if (isFirst(outcome)) return outcome.handlers.length === 0 ? ['ignored'] : ['processed', 'parked'];
  if (outcome.handlers.length === 0) return ['ignored'];
  const first = firsts.get(outcome.first);
  return first?.forgotten || first?.log[0]?.decision === 'parked' ? ['duplicate', 'reset'] : ['duplicate'];
}

function laneProblem({ log, lane, waiting, forgotten }: Outcome): string | null {
  // Of what is dead later rows may be there.
  if (forgotten) return null;
  const ends = lane.filter(({ decision }) => decision === 'processed').length;
  const deaths = lane.filter(({ decision }) => decision === 'dead-lettered').length;
  if (log[0]?.decision !== 'parked') return lane.length === 0 && !waiting ? null : 'was never parked, and is in a lane';
  const kinds = (waiting ? 1 : 0) + ends + (deaths > 0 ? 1 : 0);
  return kinds === 1 ? null : `waiting: ${waiting}, processed: ${ends}, dead-lettered: ${deaths}`;
}

/** A dead letter and its audit row come in one transaction. Letters of a last run that is not over have none yet. */
function unlettered({ audit, deadLetters }: Facts, outcomes: readonly Outcome[]): Violation[] {
  const name = (row: { partition: string; offset: bigint | null; handler: string | null }): string =>
    `${placeOf(row)} ${row.handler}`;
  const waiting = new Set(outcomes.filter((it) => it.waiting || it.forgotten).map(({ place }) => place));
  const letters = new Set(deadLetters.filter((it) => !waiting.has(placeOf(it))).map(name));
  const rows = new Set(audit.filter(({ decision }) => decision === 'dead-lettered').map(name));
  const differences = [...[...letters].filter((it) => !rows.has(it)), ...[...rows].filter((it) => !letters.has(it))];
  return violation('I4', 'dead letters without an audit row, or the other way round', differences);
}
