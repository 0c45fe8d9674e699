import { JOB_EVENT } from '@hookline/contracts';
import { EVENT_SHAPES } from './event-shapes.ts';
import type { Payload } from './payload.ts';

/**
 * Why the event that a header names, which is not signed, cannot be that of this payload; null when it can be, and
 * whenever nobody can tell. Judged by keys of the payload's top level only; see {@link EVENT_SHAPES} for how sure that
 * is. The text quotes nothing of the payload.
 */
export function eventProblem(event: string, payload: Payload): string | null {
  // Whoever has a pair of body and signature could start a job with it, whose handlers trust what it says.
  if (event === JOB_EVENT) return `"${JOB_EVENT}" is the event of Hookline's jobs, and none of GitHub's.`;
  const shape = Object.hasOwn(EVENT_SHAPES, event) ? EVENT_SHAPES[event] : undefined;
  if (shape === undefined) return null;
  const missing = shape.needs.filter((key) => !Object.hasOwn(payload, key));
  if (missing.length > 0) return `Every "${event}" has ${quoted(missing)}, and this payload has not.`;
  const other = shape.never.find((name) => fits(name, payload));
  if (other === undefined) return null;
  const foreign = needsOf(other).filter((key) => !shape.needs.includes(key));
  return `No "${event}" has ${quoted(foreign)} as this payload has, and every "${other}" has.`;
}

function fits(event: string, payload: Payload): boolean {
  return needsOf(event).every((key) => Object.hasOwn(payload, key));
}

function needsOf(event: string): readonly string[] {
  return EVENT_SHAPES[event]?.needs ?? [];
}

function quoted(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(', ');
}
