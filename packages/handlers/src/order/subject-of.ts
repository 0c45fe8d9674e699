import { createHash } from 'node:crypto';
import type { HandledDelivery } from '../handler.ts';
import { SUBJECT_RULES, type SubjectRule } from './subject-rules.ts';

/** What a delivery is about, and as of when by GitHub's clock. */
export interface Subject {
  /** SHA-256 of the ordering key, the event and what names the subject: of one size, and without anybody's text. */
  digest: Buffer;
  /** ISO 8601, or `infinity`: nothing about it is later. */
  at: string;
}

/** The subject of a delivery; else why none can be told, a sentence. Pure. */
export function subjectOf(
  delivery: Pick<HandledDelivery, 'event' | 'action' | 'orderingKey' | 'payload'>,
): { success: true; subject: Subject } | { success: false; why: string; ever: boolean } {
  const { event, action, orderingKey, payload } = delivery;
  const rules: Readonly<Record<string, SubjectRule>> = SUBJECT_RULES;
  const rule = Object.hasOwn(rules, event) ? rules[event] : undefined;
  if (rule === undefined || 'none' in rule) {
    return { success: false, ever: false, why: rule?.none ?? 'It is no event of GitHub’s.' };
  }
  const names = rule.subject.map((path) => at(payload, path));
  const times = rule.time.map((path) => isoTime(at(payload, path)));
  const time = action === 'deleted' ? 'infinity' : times.find((found) => found !== null);
  if (!time || !names.every((name) => typeof name === 'string' || typeof name === 'number')) {
    return {
      success: false,
      ever: true,
      why: `This payload has no ${[...rule.subject, rule.time.join(' or ')].join(', ')}.`,
    };
  }
  const digest = createHash('sha256')
    .update(JSON.stringify([orderingKey, event, ...names]))
    .digest();
  return { success: true, subject: { digest, at: time } };
}

function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** GitHub writes times as ISO 8601; in pushes, as seconds since the epoch. */
function isoTime(time: unknown): string | null {
  if (typeof time !== 'string' && typeof time !== 'number') return null;
  const date = new Date(typeof time === 'number' ? time * 1000 : time);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
