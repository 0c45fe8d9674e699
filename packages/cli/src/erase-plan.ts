import type { ErasureTarget } from '@hookline/database';
import type { Found, Subject } from './erase-subject.ts';

/** What there is to erase, by where it is. */
export interface ErasurePlan {
  dead: number;
  /** Of the dead, what could still be redriven. */
  open: number;
  lane: number;
  held: number;
  /** Waiting to be sent, or being sent. */
  effects: number;
  deadEffects: number;
}

export type PlannedErasure = { success: true; plan: ErasurePlan } | { success: false; problem: string };

/** What an erasure would do, or why it cannot be done. Pure. */
export function planErasure(subject: Subject, { keys, targets }: Found, alsoWaiting: boolean): PlannedErasure {
  if (subject.kind === 'repository' && keys.length > 1) {
    const named = keys.map((key) => `--repository ${key}`).join(' or ');
    return { success: false, problem: `Several repositories have that id, of different hosts: say ${named}.` };
  }
  const plan = {
    dead: count(targets, 'dead'),
    open: targets.filter((target) => target.where === 'dead' && target.openLetters > 0).length,
    lane: count(targets, 'lane'),
    held: count(targets, 'held'),
    effects: targets.filter((target) => target.where === 'effect' && !target.isDead).length,
    deadEffects: targets.filter((target) => target.where === 'effect' && target.isDead).length,
  };
  if (plan.lane + plan.held + plan.effects === 0 || alsoWaiting) return { success: true, plan };
  return {
    success: false,
    problem:
      `${plan.lane} of these deliveries wait in lanes, ${plan.held} are held, and ${plan.effects} effects are still to be ` +
      'sent: none of it can be done without what is to be erased. Have it done or discarded first (hookline lanes, ' +
      'hookline replays, hookline effects), or discard it here: --also-waiting.',
  };
}

function count(targets: readonly ErasureTarget[], where: ErasureTarget['where']): number {
  return targets.filter((target) => target.where === where).length;
}

/** The plan, a sentence each. */
export function planTexts({ dead, open, lane, held, effects, deadEffects }: ErasurePlan): string[] {
  return [
    `${dead} dead deliveries lose body, headers and errors; ${open} of them can then not be redriven: they are discarded.`,
    ...(lane + held > 0
      ? [`${lane} deliveries in lanes and ${held} held ones are removed, and never run: discarded.`]
      : []),
    ...(effects + deadEffects > 0
      ? [
          `${effects} effects that are still to be sent, and ${deadEffects} dead ones, are removed, and never sent: discarded.`,
        ]
      : []),
    'The audit loses what it quotes of payloads. Identities, places and decisions stay.',
  ];
}
