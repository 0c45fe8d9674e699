import type { EffectKind, OnAmbiguous, SendResult } from '@hookline/runtime';
import { readEffectsWanted } from './wanted-effects.ts';

/** Paths of the receiver: where these kinds are sent to, and where it is asked what it has done. */
export const KIND_PATH = '/kinds/';
export const DONE_PATH = '/done/';
/** Retry-After is not read: all of the target wait this long. */
const LIMITED_MS = 1000;

/** Kinds as users write them: one for each answer to an end that nobody knows. */
export function crashKinds(environment: NodeJS.ProcessEnv = process.env): EffectKind[] {
  const { receiver } = readEffectsWanted(environment);
  const kind = (name: string, onAmbiguous: OnAmbiguous): EffectKind => ({
    name,
    target: () => 'crash',
    onAmbiguous: () => onAmbiguous,
    async send({ effectId, request }, attempt) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': effectId };
      const body = JSON.stringify(request);
      attempt.begin();
      const { status } = await fetch(`${receiver}${KIND_PATH}${name}`, {
        ...{ method: 'POST', headers, body, signal: attempt.signal },
      });
      return resultOf(status);
    },
  });
  return [
    {
      ...kind('crash.look', 'look'),
      async look({ effectId }, { signal }) {
        const { status } = await fetch(`${receiver}${DONE_PATH}${effectId}`, { signal });
        if (status === 200) return { found: 'sent' };
        return status === 404 ? { found: 'nothing' } : { found: 'failed', error: `It answered ${status}.` };
      },
    },
    kind('crash.resend', 'resend'),
    kind('crash.park', 'park'),
  ];
}

function resultOf(status: number): SendResult {
  const error = `It answered ${status}.`;
  if (status === 200) return { outcome: 'sent', result: { status } };
  if (status === 503) return { outcome: 'limited', error, afterMs: LIMITED_MS };
  // It answers 500 where it has acted, too.
  return status >= 500 ? { outcome: 'ambiguous', error } : { outcome: 'refused', error };
}
