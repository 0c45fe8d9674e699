import { describe, expect, it } from '@jest/globals';
import type { EffectKind, SendableEffect } from '@hookline/runtime';
import { until } from '@hookline/test-support';
import { relayWorld } from './testing/relay-world.ts';

const world = relayWorld();

interface Sent {
  effectId: string;
  key: string;
  n: unknown;
}

/** A kind that takes everything, and says what it was given. */
function takingKind(sent: Sent[], given: Partial<EffectKind> = {}): EffectKind {
  return {
    name: 'test.send',
    target: () => 'sink',
    onAmbiguous: () => 'resend',
    send(effect, attempt) {
      attempt.begin();
      sent.push(facts(effect));
      return Promise.resolve({ outcome: 'sent', result: { n: sent.length } });
    },
    ...given,
  };
}

function facts({ effectId, orderingKey, request }: SendableEffect): Sent {
  return { effectId, key: orderingKey, n: (request as { n?: unknown }).n };
}

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

describe('a relay', () => {
  it('sends each effect once, those of a key one after another in the order of their commits', async () => {
    const sent: Sent[] = [];
    await world.start({ kinds: [takingKind(sent)] });
    const asked = Array.from({ length: 400 }, (_, n) => ({
      orderingKey: KEYS[n % KEYS.length] as string,
      partition: (n % KEYS.length) % 4,
      request: { n },
    }));
    const ids = [...(await world.give(asked.slice(0, 200))), ...(await world.give(asked.slice(200)))];
    await until('all are settled', async () => (await world.states(ids))['settled'] === ids.length);
    expect(sent.map(({ effectId }) => effectId).toSorted()).toEqual(ids.toSorted());
    for (const key of KEYS) {
      const ofKey = sent.filter((one) => one.key === key).map(({ n }) => n);
      expect(ofKey).toEqual(asked.filter(({ orderingKey }) => orderingKey === key).map(({ request }) => request.n));
    }
  });
});
