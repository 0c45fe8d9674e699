import type { EffectKind, SendableEffect } from '@hookline/runtime';

/** The target of an effect; where a user's kind throws or tells none nevertheless, all of the kind have one. */
export function targetOfEffect(kind: EffectKind, effect: SendableEffect): string {
  try {
    const target: unknown = kind.target(effect);
    return typeof target === 'string' ? target : kind.name;
  } catch {
    return kind.name;
  }
}
