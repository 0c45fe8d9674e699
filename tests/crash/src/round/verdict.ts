import type { Counts } from '../check/check.ts';
import type { EffectCounts } from '../check/e1-once.ts';
import type { Signs } from './read-signs.ts';
import type { Violation } from '../check/violation.ts';

/** What a round has shown. */
export interface Verdict {
  passed: boolean;
  seed: string;
  faults: string[];
  /** How many deliveries were asked for. */
  deliveries: number;
  violations: Violation[];
  counts: Counts;
  /** Null: nobody has asked for any. */
  effects: EffectCounts | null;
  signs: Signs;
  /** Milliseconds from the end of all faults until nothing was left to do. */
  recoveryMs: number;
  durationMs: number;
  /** What was done when, in the order of time. */
  notes: string[];
  /** Crash points that a process reached while it was armed there. */
  reached: string[];
  /** Directory with the logs of the services and the facts, kept where the round failed. */
  evidence: string | null;
}
