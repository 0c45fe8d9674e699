import { retryAfterMs } from '@hookline/outbound';
import type { SendResult } from '@hookline/runtime';

/** What came of one request to GitHub. */
export type Answer =
  | {
      answered: true;
      status: number;
      /** Names in lower case. */
      headers: Record<string, string>;
      /** JSON, text, or nothing. */
      data: unknown;
      /** What GitHub says of an error, or nothing. */
      message: string;
    }
  | { answered: false; /** Bytes may have gone out. */ began: boolean; error: string };

/** A success, or what the attempt has come to. */
export type Verdict = { ok: true; status: number; data: unknown } | Failed;

export interface Failed {
  ok: false;
  status: number | null;
  result: Exclude<SendResult, { outcome: 'sent' }>;
  /** It is a limit, and GitHub has not said for how long. */
  unsaid?: true;
}

/** GitHub asks to wait at least a minute where a limit names no time. */
const UNSAID_MS = 60_000;
/** No answer holds up a target for longer: it is asked again. GitHub's own limits are set back within an hour. */
const LONGEST_MS = 3_600_000;
/** May pass: a token or a clock here that is wrong, and is no effect's fault; a timeout of GitHub's, a conflict, a lock. */
const PASSING = [401, 408, 409, 423, 425];

/**
 * What an answer means.
 * @param acts the request was to change something: without a clear answer nobody knows whether it has
 * @param nowMs since the epoch
 */
export function verdictOf(answer: Answer, acts: boolean, nowMs: number): Verdict {
  if (!answer.answered) {
    return {
      ok: false,
      status: null,
      result: { outcome: answer.began && acts ? 'ambiguous' : 'failed', error: answer.error },
    };
  }
  const { status, headers, data, message } = answer;
  if (status >= 200 && status < 300) return { ok: true, status, data };
  const error = `GitHub answered ${status}${message === '' ? '' : `: ${message}`}`;
  const as = (result: Failed['result']): Failed => ({ ok: false, status, result });
  const limit = limitMs(status, headers, message, nowMs);
  if (limit === 'UNSAID') return { ...as({ outcome: 'limited', error, afterMs: UNSAID_MS }), unsaid: true };
  if (limit !== null) return as({ outcome: 'limited', error, afterMs: limit });
  if (status >= 500) return as({ outcome: acts ? 'ambiguous' : 'failed', error });
  if (PASSING.includes(status)) return as({ outcome: 'failed', error });
  return as({
    outcome: 'refused',
    error: status < 400 ? `${error} (redirects to other hosts are not followed)` : error,
  });
}

/** The same, with what was asked. */
export function about(what: string, failed: Failed): Failed {
  return { ...failed, result: { ...failed.result, error: `${what}: ${failed.result.error}` } };
}

/** What was asked, and answered by something else: a proxy's page, for example. */
export function unlike(what: string): Failed {
  return { ok: false, status: null, result: { outcome: 'failed', error: `The ${what} is not one of GitHub's.` } };
}

/** Milliseconds that a limit asks to wait; null: it is none. */
function limitMs(
  status: number,
  headers: Record<string, string>,
  message: string,
  nowMs: number,
): number | 'UNSAID' | null {
  if (status !== 403 && status !== 429) return null;
  if (headers['retry-after'] !== undefined) {
    const after = retryAfterMs(headers, nowMs);
    return after === null ? 'UNSAID' : bounded(after);
  }
  if (headers['x-ratelimit-remaining'] === '0') {
    const resetMs = Number(headers['x-ratelimit-reset'] ?? Number.NaN) * 1000;
    return Number.isFinite(resetMs) ? bounded(resetMs - nowMs) : 'UNSAID';
  }
  return status === 429 || /secondary rate limit|abuse detection/i.test(message) ? 'UNSAID' : null;
}

/** At least a second: clocks differ, and a target that is asked again at once says the same. */
function bounded(ms: number): number {
  return Math.min(Math.max(ms, 1000), LONGEST_MS);
}
