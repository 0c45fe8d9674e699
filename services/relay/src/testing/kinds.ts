import type { Attempt, EffectKind, SendableEffect, SendResult } from '@hookline/runtime';

/** What a kind of tests was given to send. */
export interface SentEffect {
  effectId: string;
  key: string;
  request: Record<string, string | number>;
  attempt: number;
}

/** A kind that takes everything, unless `answer` says otherwise, and notes what it was given once it has begun. */
export function notingKind(
  sent: SentEffect[],
  answer: (effect: SentEffect, attempt: Attempt) => Promise<SendResult | undefined> | SendResult | undefined = () =>
    undefined,
  given: Partial<EffectKind> = {},
): EffectKind {
  return {
    name: 'test.send',
    target: (effect) => requestOf(effect)['target']?.toString() ?? 'sink',
    onAmbiguous: () => 'resend',
    async send(effect, attempt) {
      attempt.begin();
      const one = toSent(effect);
      sent.push(one);
      return (await answer(one, attempt)) ?? { outcome: 'sent' };
    },
    ...given,
  };
}

function toSent(effect: SendableEffect): SentEffect {
  const { effectId, orderingKey: key, attempts: attempt } = effect;
  return { effectId, key, request: requestOf(effect), attempt };
}

function requestOf({ request }: SendableEffect): SentEffect['request'] {
  return request as SentEffect['request'];
}
