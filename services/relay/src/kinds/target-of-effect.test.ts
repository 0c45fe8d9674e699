import { describe, expect, it } from '@jest/globals';
import type { EffectKind, SendableEffect } from '@hookline/runtime';
import { targetOfEffect } from './target-of-effect.ts';

describe('the target of an effect', () => {
  const effect = {} as SendableEffect;
  const kind = (target: () => unknown) => ({ name: 'own.kind', target }) as unknown as EffectKind;

  it("is what its kind tells, or the kind itself where a user's kind tells none", () => {
    expect(
      targetOfEffect(
        kind(() => 'host'),
        effect,
      ),
    ).toBe('host');
    expect(
      targetOfEffect(
        kind(() => undefined),
        effect,
      ),
    ).toBe('own.kind');
    const throws = kind(() => {
      throw new Error('no host in it');
    });
    expect(targetOfEffect(throws, effect)).toBe('own.kind');
  });
});
