import type { AttemptEnd, ClaimedEffect } from '@hookline/database';
import type { EffectKind, LookResult, SendResult } from '@hookline/runtime';
import { NotBegun, type RunningAttempt } from './attempt.ts';
import { decideEnd, decideLook, decideNotBegun, type RetryPolicy } from './decide-end.ts';
import { readLookResult, readSendResult } from './read-result.ts';

export interface RunSettings {
  policy: RetryPolicy;
  random: () => number;
  /** Milliseconds that a kind has to settle in after its signal has aborted; then it is not waited for any more. */
  settleMs: number;
}

/** How an attempt went, for its target and for what is told of it. */
export interface AttemptRun {
  end: AttemptEnd;
  /** `not-begun`: nothing was sent. `looked`: it was looked what an earlier attempt had done. */
  what: SendResult['outcome'] | 'not-begun' | 'looked';
  /** Whether the target works; null: that was not seen. */
  success: boolean | null;
  limitedForMs?: number;
}

/**
 * Sends an effect, or looks what an earlier attempt of it has done, and decides what becomes of it. Rejects only with what
 * a kind throws where it must not, before anything is sent.
 */
export async function runAttempt(
  { policy, random, settleMs }: RunSettings,
  kind: EffectKind,
  effect: ClaimedEffect,
  attempt: RunningAttempt,
): Promise<AttemptRun> {
  const { isAmbiguous, attempts } = effect;
  const maxAttempts = kind.maxAttempts?.(effect) ?? policy.maxAttempts;
  const facts = { attempts, policy: { ...policy, maxAttempts }, random: random() };
  const onAmbiguous = kind.onAmbiguous(effect);
  if (isAmbiguous && onAmbiguous === 'look' && canLook(kind)) {
    const found = await look(kind, effect, attempt, settleMs);
    return { end: decideLook(found, facts), what: 'looked', success: found.found !== 'failed' };
  }
  // The first since it was redriven: an operator has decided that it is to be sent.
  if (isAmbiguous && onAmbiguous !== 'resend' && attempts > 1) {
    const error = 'An attempt has begun, and nobody knows whether it had its effect.';
    return { end: { state: 'dead', reason: 'ambiguous', error }, what: 'ambiguous', success: null };
  }
  const result = await send(kind, effect, attempt, settleMs);
  if (result === 'not-begun') {
    const end = decideNotBegun('It was not begun, since it could not have ended in time.', isAmbiguous, 0);
    return { end, what: 'not-begun', success: null };
  }
  const { outcome } = result;
  return {
    end: decideEnd(result, onAmbiguous, facts),
    what: outcome,
    success: outcome === 'sent' || outcome === 'refused' ? true : outcome === 'limited' ? null : false,
    ...(outcome === 'limited' && { limitedForMs: result.afterMs }),
  };
}

async function send(
  kind: EffectKind,
  effect: ClaimedEffect,
  attempt: RunningAttempt,
  settleMs: number,
): Promise<SendResult | 'not-begun'> {
  try {
    const result = readSendResult(await within(attempt, settleMs, kind.send(effect, attempt)));
    const isLikeNothing = result.outcome === 'failed' || result.outcome === 'ambiguous';
    return attempt.wasRefused() && !attempt.hasBegun() && isLikeNothing ? 'not-begun' : result;
  } catch (error) {
    if (attempt.hasBegun()) return { outcome: 'ambiguous', error: messageOf(error) };
    return error instanceof NotBegun || attempt.wasRefused()
      ? 'not-begun'
      : { outcome: 'failed', error: messageOf(error) };
  }
}

type LookingKind = EffectKind & Required<Pick<EffectKind, 'look'>>;

const canLook = (kind: EffectKind): kind is LookingKind => kind.look !== undefined;

async function look(
  kind: LookingKind,
  effect: ClaimedEffect,
  attempt: RunningAttempt,
  settleMs: number,
): Promise<LookResult> {
  try {
    return readLookResult(await within(attempt, settleMs, kind.look(effect, attempt)));
  } catch (error) {
    return { found: 'failed', error: messageOf(error) };
  }
}

/** What a kind gives, or a rejection where it does not settle soon after its signal: a promise must not keep a place. */
async function within<T>({ signal }: RunningAttempt, settleMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => {
    timer = setTimeout(() => reject(signal.reason), settleMs);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  Promise.resolve(work).then(resolve, reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Of whatever a kind throws, also what cannot be read: that it has begun must not be forgotten for that. */
function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'Something was thrown that cannot be read.';
  }
}
