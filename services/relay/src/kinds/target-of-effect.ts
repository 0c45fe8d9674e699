import type { EffectKind, SendableEffect } from '@hookline/runtime';

/** The target of an effect; where a user's kind throws nevertheless, all of the kind have one. */
export function targetOfEffect(kind: EffectKind, effect: SendableEffect): string {
  try {
    return kind.target(effect);
  } catch {
    return kind.name;
  }
}
