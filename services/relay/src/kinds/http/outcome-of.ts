import type { SendResult } from '@hookline/runtime';
import { retryAfterMs, type OutboundResult } from '@hookline/outbound';

export interface OutcomePolicy {
  /** What an answer means that says no for good: 3xx, and 4xx that is no limit. */
  onRefusal: 'dead-letter' | 'retry';
  /** The same of an address that is not allowed: the URL is a handler's, or the operator's, who can mend it. */
  onAddress: 'dead-letter' | 'retry';
}

/** Too early, too many, not now: with a Retry-After they say when. */
const LIMITS = [408, 425, 429, 503];
/** What is kept of a Retry-After: a year would be for ever, and 0, again and again, a loop that nothing counts. */
const LONGEST_WAIT_MS = 60 * 60 * 1000;
const SHORTEST_WAIT_MS = 1000;
const EXCERPT = 200;

/**
 * What an answer means, or that there was none. An answer of 5xx says that the receiver has failed; whatever it did before,
 * it knows the idempotency key.
 */
export function outcomeOf(result: OutboundResult, policy: OutcomePolicy, now: number): SendResult {
  if (!result.success) return withoutAnswer(result, policy);
  const { status, headers } = result;
  if (status >= 200 && status < 300) return { outcome: 'sent', result: { status } };
  const error = `answered ${status}${excerptOf(result)}`;
  if (LIMITS.includes(status)) {
    const afterMs = retryAfterMs(headers, now);
    if (afterMs === null) return { outcome: 'failed', error };
    return { outcome: 'limited', error, afterMs: Math.max(Math.min(afterMs, LONGEST_WAIT_MS), SHORTEST_WAIT_MS) };
  }
  if (status >= 500) return { outcome: 'failed', error };
  return dead(policy.onRefusal, status < 400 ? `${error}: redirects are not followed` : error);
}

function withoutAnswer(
  { reason, began, error }: Extract<OutboundResult, { success: false }>,
  policy: OutcomePolicy,
): SendResult {
  if (reason === 'ADDRESS_REFUSED') return dead(policy.onAddress, error);
  if (reason === 'URL_INVALID' || reason === 'REQUEST_INVALID') return { outcome: 'refused', error };
  return { outcome: began ? 'ambiguous' : 'failed', error };
}

function dead(policy: 'dead-letter' | 'retry', error: string): SendResult {
  return { outcome: policy === 'retry' ? 'failed' : 'refused', error };
}

/** What the receiver says of it, where that is text: the first of it, in one line. */
function excerptOf({ headers, body }: Extract<OutboundResult, { success: true }>): string {
  if (!/^(text\/plain|application\/([\w.-]+\+)?json)\b/i.test(headers['content-type'] ?? '')) return '';
  const text = body
    .toString('utf8', 0, 4 * EXCERPT)
    .replaceAll(/[\s\p{Cc}\p{Cs}\uFFFD]+/gu, ' ')
    .trim();
  return text === '' ? '' : `: ${text.slice(0, EXCERPT)}`;
}
