import type { ClaimedEffect } from '@hookline/database';
import { NO_SPAN, NO_TRACING, type Span, type Tracing } from '@hookline/runtime';
import type { AttemptRun } from './run-attempt.ts';

/** Of one attempt, below the handler that has asked for the effect; what is sent goes on from it. */
export function attemptSpan(tracing: Tracing, effect: ClaimedEffect): Span {
  if (tracing === NO_TRACING) return NO_SPAN;
  const { kind, effectId, handler, orderingKey, guid, event, attempts, traceparent } = effect;
  return tracing.start(`send ${kind}`, {
    kind: kind === 'kafka.publish' ? 'producer' : 'client',
    parent: traceparent,
    facts: () => ({
      'hookline.effect.id': effectId,
      'hookline.effect.kind': kind,
      'hookline.effect.attempt': attempts,
      'hookline.handler': handler,
      'hookline.ordering_key': orderingKey,
      'hookline.guid': guid,
      'hookline.event': event,
    }),
  });
}

/** Says how the attempt has ended. One that sends nothing, or finds what was sent, has not failed. */
export function tellEnd(span: Span, { what, end }: AttemptRun): void {
  span.set({ 'hookline.effect.outcome': what });
  if (end.state !== 'sent' && 'error' in end && what !== 'not-begun') span.fail(end.error);
}
