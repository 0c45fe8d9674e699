import type { EventPattern } from './handler.ts';

/** Whether any of the patterns asks for this event. */
export function matches(patterns: readonly EventPattern[], event: string, action: string | null): boolean {
  return patterns.some(
    (pattern) => pattern === '*' || pattern === event || (action !== null && pattern === `${event}.${action}`),
  );
}
