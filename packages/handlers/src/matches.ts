import { JOB_EVENT } from '@hookline/contracts';
import type { EventPattern } from './handler.ts';

/** Whether any of the patterns asks for this event. `*` is every event of GitHub's: jobs are asked for by name. */
export function matches(patterns: readonly EventPattern[], event: string, action: string | null): boolean {
  return patterns.some(
    (pattern) =>
      (pattern === '*' && event !== JOB_EVENT) ||
      pattern === event ||
      (action !== null && pattern === `${event}.${action}`),
  );
}
