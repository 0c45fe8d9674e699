import type { Violation } from '../check/violation.ts';

/** One paragraph per promise that was not kept, with examples. */
export function describeViolations(violations: readonly Violation[]): string {
  return violations
    .map(({ invariant, what, count, examples }) => `  ${invariant}: ${count} × ${what}\n    ${examples.join('\n    ')}`)
    .join('\n');
}
