import { placeOf, type Facts, type LogRecord } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I4: every record below the stored offset has exactly one audit row of stage `log`, and none above it has one; each row
 * says what alone can follow from those before, operators' decisions included; what was parked has one end in its lane, or
 * waits.
 *
 * @param impossible rows that do not follow
 */
export function allAudited(facts: Facts, outcomes: readonly Outcome[], impossible: readonly string[]): Violation[] {
  const unaudited = outcomes.filter(({ read, log, forgotten }) => log.length !== (read && !forgotten ? 1 : 0));
  const wrong = outcomes.flatMap(({ place, record, log }) => {
    if (record.delivery) return [];
    const due = decisionsDue(record);
    const decision = log[0]?.decision;
    return decision === undefined || due.includes(decision) ? [] : [`${place} ${decision}`];
  });
  const known = new Set(facts.log.map(placeOf));
  const strays = facts.audit.filter((row) => ['log', 'lane'].includes(row.stage) && !known.has(placeOf(row)));
  const lanes = outcomes.filter(
    ({ story, waiting, forgotten }) => !forgotten && (story?.queue.length ?? 0) !== waiting,
  );
  return [
    ...violation(
      'I4',
      'records without exactly one audit row',
      unaudited.map(({ place, read, log }) => `${place} ${read ? 'read' : 'not read'}: ${log.length} rows`),
    ),
    ...violation('I4', 'audit rows that say what cannot be', [...wrong, ...impossible]),
    ...violation(
      'I4',
      'audit rows of what is not in the log',
      strays.map((row) => `${placeOf(row)} ${row.decision}`),
    ),
    ...violation(
      'I4',
      'records that were parked without exactly one end',
      lanes.map(({ place, story, waiting }) => `${place}: ${waiting} times in a lane, not ${story?.queue.length ?? 0}`),
    ),
    ...unlettered(facts, outcomes),
  ];
}

/** Of what is no delivery. */
function decisionsDue({ command, isEndMark }: LogRecord): string[] {
  if (isEndMark) return ['ignored'];
  return command ? ['applied', 'refused', 'duplicate'] : ['dead-lettered'];
}

/** A dead letter and its audit row come in one transaction. Letters of a last run that is not over have none yet. */
function unlettered({ audit, deadLetters }: Facts, outcomes: readonly Outcome[]): Violation[] {
  const name = (row: { partition: string; offset: bigint | null; handler: string | null }): string =>
    `${placeOf(row)} ${row.handler}`;
  const placesOf = (some: readonly Outcome[]) => new Set(some.map(({ place }) => place));
  const waiting = placesOf(outcomes.filter((it) => it.waiting > 0));
  // Of its first death nothing is in the audit, of a later one there is.
  const forgotten = placesOf(outcomes.filter((it) => it.forgotten));
  const known = deadLetters.filter((it) => !waiting.has(placeOf(it)) && !forgotten.has(placeOf(it)));
  const letters = new Set(known.map(name));
  const deaths = audit.filter((it) => it.decision === 'dead-lettered' && !forgotten.has(placeOf(it)));
  const rows = new Set(deaths.map(name));
  const differences = [...[...letters].filter((it) => !rows.has(it)), ...[...rows].filter((it) => !letters.has(it))];
  return violation('I4', 'dead letters without an audit row, or the other way round', differences);
}
