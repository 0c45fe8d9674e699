import type { ClaimedEffect } from '@hookline/database';
import type { EffectKind, LookResult } from '@hookline/runtime';

/**
 * Looks at the target of an effect that was begun here and whose shard is another relay's by now, which may have sent it,
 * too: a process that is frozen behind its last look at the lease sends when it wakes. A kind that can look removes the
 * younger of two when it finds them. Nothing of it is written, and nothing is sent.
 *
 * @returns null where the kind cannot look
 */
export async function lookAfter(
  kind: EffectKind,
  effect: ClaimedEffect,
  deadlineMs: number,
  ending: AbortSignal,
): Promise<LookResult | null> {
  if (!kind.look || kind.onAmbiguous(effect) !== 'look' || ending.aborted) return null;
  try {
    return await kind.look(effect, {
      effectId: effect.effectId,
      number: effect.attempts,
      signal: AbortSignal.any([AbortSignal.timeout(deadlineMs), ending]),
      deadlineMs,
      begin() {
        throw new Error('A look sends nothing.');
      },
    });
  } catch (error) {
    return { found: 'failed', error: error instanceof Error ? error.message : String(error) };
  }
}
