import type { ErasureTarget } from '@hookline/database';
import type { Found, Subject } from './erase-subject.ts';

/** What there is to erase, by where it is. */
export interface ErasurePlan {
  dead: number;
  /** Of the dead, what could still be redriven. */
  open: number;
  lane: number;
  held: number;
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
  };
  if (plan.lane + plan.held === 0 || alsoWaiting) return { success: true, plan };
  return {
    success: false,
    problem:
      `${plan.lane} of these deliveries wait in lanes and ${plan.held} are held: they are still to be run, and cannot be ` +
      'without their bodies. Have them run or discarded first (hookline lanes, hookline replays), or discard them here: ' +
      '--also-waiting.',
  };
}

function count(targets: readonly ErasureTarget[], where: ErasureTarget['where']): number {
  return targets.filter((target) => target.where === where).length;
}

/** The plan, a sentence each. */
export function planTexts({ dead, open, lane, held }: ErasurePlan): string[] {
  return [
    `${dead} dead deliveries lose body, headers and errors; ${open} of them can then not be redriven: they are discarded.`,
    ...(lane + held > 0
      ? [`${lane} deliveries in lanes and ${held} held ones are removed, and never run: discarded.`]
      : []),
    'The audit loses what it quotes of payloads. Identities, places and decisions stay.',
  ];
}
