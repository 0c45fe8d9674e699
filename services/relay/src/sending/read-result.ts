import type { LookResult, SendResult } from '@hookline/runtime';

/** Where a limit names no time that can be waited. */
const UNSAID_MS = 60_000;
/** What a timer of Node can wait: about 24 days. */
const LONGEST_MS = 2_147_483_647;

/**
 * What a kind has returned from `send`, as it can be written. Kinds are users' code, which no compiler may have seen: what
 * is no result would fail again and again when it is written, beside what has become of others' attempts.
 *
 * @throws {TypeError} where it is none
 */
export function readSendResult(given: unknown): SendResult {
  const { outcome, result, error, afterMs } = fieldsOf(given);
  switch (outcome) {
    case 'sent':
      return { outcome, result };
    case 'refused':
    case 'ambiguous':
      return { outcome, error: String(error) };
    case 'failed':
      return { outcome, error: String(error), ...waitOf(afterMs) };
    case 'limited':
      return { outcome, error: String(error), afterMs: UNSAID_MS, ...waitOf(afterMs) };
    default:
      throw new TypeError(`The kind has returned no result of an attempt: its outcome is ${quoted(outcome)}.`);
  }
}

/**
 * The same of `look`.
 *
 * @throws {TypeError} where it is none
 */
export function readLookResult(given: unknown): LookResult {
  const { found, result, error, afterMs } = fieldsOf(given);
  switch (found) {
    case 'sent':
      return { found, result };
    case 'nothing':
      return { found };
    case 'failed':
      return { found, error: String(error), ...waitOf(afterMs) };
    default:
      throw new TypeError(`The kind has returned no result of a look: what it found is ${quoted(found)}.`);
  }
}

const fieldsOf = (given: unknown): Record<string, unknown> => Object(given) as Record<string, unknown>;

const quoted = (word: unknown): string => (typeof word === 'string' ? JSON.stringify(word.slice(0, 100)) : typeof word);

/** Often computed from what a server says, and NaN where that is a date: as if nothing had been said. */
function waitOf(ms: unknown): { afterMs?: number } {
  if (typeof ms !== 'number' || Number.isNaN(ms)) return {};
  return { afterMs: Math.min(Math.max(ms, 0), LONGEST_MS) };
}
