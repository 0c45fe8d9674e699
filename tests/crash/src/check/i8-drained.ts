import { placeOf, type Facts } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/** I8: nothing of what was accepted is left to do, with nobody's help. */
export function drained({ lanes, waiting, commands }: Facts, outcomes: readonly Outcome[]): Violation[] {
  const behind = outcomes.filter(({ read }) => !read);
  const laneOf = new Set(lanes.map(({ key }) => key));
  const forgotten = waiting.filter(({ key }) => !laneOf.has(key));
  return [
    ...violation(
      'I8',
      'records of the log that were not read',
      behind.map(({ place }) => place),
    ),
    ...violation(
      'I8',
      'lanes that have not drained',
      lanes.map(({ key, state, records }) => `${key}: ${state}, ${records} records`),
    ),
    ...violation(
      'I8',
      'commands that nobody has applied or refused',
      commands.filter(({ outcome }) => outcome === null).map(({ id, name }) => `${name} ${id}`),
    ),
    ...violation(
      'I8',
      'deliveries that wait in a lane that is not there',
      forgotten.map((row) => `${placeOf(row)} ${row.key}`),
    ),
  ];
}
