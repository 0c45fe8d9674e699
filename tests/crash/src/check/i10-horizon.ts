import { isOpen, placeOf, type Facts } from './facts.ts';
import type { Outcome } from './outcomes.ts';
import { violation, type Violation } from './violation.ts';

/**
 * I10: nothing inside the horizon was removed; and what is behind it was, or the round would have shown nothing. What has a
 * dead letter to be decided is kept, however old it is.
 */
export function nothingYoungRemoved({ aged, claims, audit }: Facts, outcomes: readonly Outcome[]): Violation[] {
  const claimed = new Set(claims.map(placeOf));
  const logged = new Set(audit.filter(({ stage }) => stage === 'log').map(placeOf));
  const dead = new Set(outcomes.filter(({ letters }) => letters.length > 0).map(({ place }) => place));
  const open = new Set(outcomes.filter(({ letters }) => letters.some(isOpen)).map(({ place }) => place));
  const young = aged.filter(({ beyond }) => !beyond).map(placeOf);
  const old = aged.filter(({ beyond }) => beyond).map(placeOf);
  return [
    ...violation(
      'I10',
      'claims inside the horizon, or of what is dead, that were removed',
      [...young, ...old.filter((place) => open.has(place))].filter((place) => !claimed.has(place)),
    ),
    ...violation(
      'I10',
      'rows of the audit inside the horizon that were removed',
      young.filter((place) => !logged.has(place)),
    ),
    ...violation(
      'I10',
      'claims and rows of the audit behind the horizon that no run of the retention has removed',
      old.filter((place) => (claimed.has(place) && !dead.has(place)) || logged.has(place)),
    ),
  ];
}
