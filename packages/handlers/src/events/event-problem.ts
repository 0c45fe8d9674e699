import { JOB_EVENT } from '@hookline/contracts';
import { distance } from '@hookline/runtime';
import type { EventPattern } from '../handler.ts';
import { ANY_ACTION, GITHUB_EVENTS } from './github-events.ts';

const EVENTS: Readonly<Record<string, readonly string[]>> = GITHUB_EVENTS;
const OPEN: readonly string[] = [...ANY_ACTION, JOB_EVENT];

/** Why nothing that a handler asks for by this can ever come, with what may have been meant; null: it can. */
export function eventProblem(pattern: EventPattern): string | null {
  if (pattern === '*') return null;
  const [event = '', ...rest] = pattern.split('.');
  const action = rest.length === 0 ? null : rest.join('.');
  if (OPEN.includes(event)) return null;
  const actions = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined;
  if (actions === undefined) {
    const meant = nearest(event, Object.keys(EVENTS));
    return `GitHub has no event ${JSON.stringify(event)}.${meant === null ? '' : ` Did you mean ${meant}?`}`;
  }
  if (action === null || actions.includes(action)) return null;
  if (actions.length === 0) return `The event ${event} has no actions, so ${JSON.stringify(pattern)} never comes.`;
  const meant = nearest(action, actions);
  const has = meant === null ? ` It has ${actions.join(', ')}.` : ` Did you mean ${event}.${meant}?`;
  return `The event ${event} has no action ${JSON.stringify(action)}.${has}`;
}

/** The first of the nearest, where one is near: at most a third of its letters apart. */
function nearest(name: string, candidates: readonly string[]): string | null {
  let best: { candidate: string; apart: number } | null = null;
  for (const candidate of candidates) {
    const apart = distance(name.toLowerCase().replaceAll('-', '_'), candidate);
    if (apart <= candidate.length / 3 && apart < (best?.apart ?? Infinity)) best = { candidate, apart };
  }
  return best?.candidate ?? null;
}
