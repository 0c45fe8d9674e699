import type { EffectStory } from './sending-facts.ts';

/**
 * How often its target may do an effect of this kind, as the table of docs/handlers/once.md has it.
 *
 * - `once`, because the relay looks, or the target knows the id
 * - `repeated`: again after each attempt whose end nobody knows, since it asks for a state
 * - `parked`: again only when an operator has had it sent again; after an attempt whose end nobody knows it is dead
 */
type Repetition = 'once' | 'repeated' | 'parked';

/** Those of `github.request` are told apart by their methods: labels are put, a dispatch is posted. */
export function repetitionOf({ kind, about }: { kind: string; about: string }): Repetition {
  if (kind === 'github.checkRun') return 'repeated';
  if (kind === 'github.request') return about.endsWith(' labels') ? 'repeated' : 'parked';
  return kind === 'crash.park' ? 'parked' : 'once';
}

/** How often it may have been done; null: that was in rows of the audit that may be gone. */
export function mostActs({ asked, decided }: EffectStory, forgotten: ReadonlySet<string>): number | null {
  const repetition = repetitionOf(asked);
  if (repetition === 'once') return 1;
  if (forgotten.has(asked.guid)) return null;
  return 1 + (decided[repetition === 'repeated' ? 'ambiguous' : 'redriven'] ?? 0);
}

/** Its kinds are made once under a name, and changed from then on: what was asked for last is what there is. */
export const SHARED: readonly string[] = ['github.stickyComment', 'github.checkRun'];
