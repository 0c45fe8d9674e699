import type { Facts } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/** I8: nothing of what was accepted is left to do, with nobody's help. */
export function drained({ lanes }: Facts, outcomes: readonly Outcome[]): Violation[] {
  const behind = outcomes.filter(({ read }) => !read);
  const open = lanes.filter(({ state }) => state !== 'held');
  return [
    ...violation(
      'I8',
      'records of the log that were not read',
      behind.map(({ place }) => place),
    ),
    ...violation(
      'I8',
      'lanes that have not drained',
      open.map(({ key, records }) => `${key}: ${records} records`),
    ),
  ];
}
