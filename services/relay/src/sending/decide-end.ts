import type { AttemptEnd } from '@hookline/database';
import { backoffMs, type LookResult, type OnAmbiguous, type SendResult } from '@hookline/runtime';

export interface RetryPolicy {
  /** Attempts after which an effect is dead. */
  maxAttempts: number;
  baseMs: number;
  maxMs: number;
}

export interface Facts {
  /** The one that has just ended included. */
  attempts: number;
  policy: RetryPolicy;
  /** In [0, 1). */
  random: number;
}

/** What becomes of an effect whose attempt has ended so. */
export function decideEnd(result: SendResult, onAmbiguous: OnAmbiguous, facts: Facts): AttemptEnd {
  switch (result.outcome) {
    case 'sent':
      return { state: 'sent', result: result.result };
    case 'refused':
      return { state: 'dead', reason: 'refused', error: result.error };
    case 'limited':
      // With jitter behind it: all of the target wait for the same moment.
      return {
        state: 'waiting',
        afterMs: result.afterMs * (1 + facts.random / 10),
        error: result.error,
        counts: false,
        decision: 'failed',
      };
    case 'failed':
      if (isExhausted(facts)) return { state: 'dead', reason: 'exhausted', error: result.error };
      return {
        state: 'waiting',
        afterMs: waitMs(facts, result.afterMs),
        error: result.error,
        counts: true,
        decision: 'failed',
      };
    case 'ambiguous':
      return decideAmbiguous(result.error, onAmbiguous, facts);
  }
}

function decideAmbiguous(error: string, onAmbiguous: OnAmbiguous, facts: Facts): AttemptEnd {
  if (onAmbiguous === 'park' || isExhausted(facts)) return { state: 'dead', reason: 'ambiguous', error };
  // Not before the attempt's end, and a margin: what it has sent may still be under way, and be done behind the next one.
  const afterMs = onAmbiguous === 'look' ? 0 : waitMs(facts);
  return { state: 'sending', afterMs, error, counts: true, decision: 'ambiguous' };
}

/** What becomes of an effect at which was looked, an earlier attempt of which was ambiguous. The look was an attempt. */
export function decideLook(result: LookResult, facts: Facts): AttemptEnd {
  switch (result.found) {
    case 'sent':
      return { state: 'sent', result: result.result };
    case 'nothing': {
      const error = 'An attempt whose outcome was unknown has had no effect.';
      if (facts.attempts > facts.policy.maxAttempts) return { state: 'dead', reason: 'exhausted', error };
      return { state: 'waiting', afterMs: 0, error, counts: false, decision: null };
    }
    case 'failed': {
      const error = `It could not be told whether an earlier attempt had its effect: ${result.error}`;
      if (isExhausted(facts)) return { state: 'dead', reason: 'ambiguous', error };
      return { state: 'sending', afterMs: waitMs(facts, result.afterMs), error, counts: true, decision: 'failed' };
    }
  }
}

/** What becomes of an effect whose attempt was recorded and then not made. It does not count. */
export function decideNotBegun(reason: string, isAmbiguous: boolean, afterMs: number): AttemptEnd {
  const end = { afterMs, error: reason, counts: false, decision: null };
  return isAmbiguous ? { ...end, state: 'sending' } : { ...end, state: 'waiting' };
}

function isExhausted({ attempts, policy }: Facts): boolean {
  return attempts >= policy.maxAttempts;
}

function waitMs({ attempts, policy, random }: Facts, atLeastMs = 0): number {
  return Math.max(atLeastMs, backoffMs(attempts, policy, random));
}
