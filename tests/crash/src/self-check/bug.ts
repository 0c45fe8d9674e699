import type { Invariant } from '../check/violation.ts';
import type { RoundName } from './rounds.ts';

/** A piece of source text in place of another. */
export interface Edit {
  /** Path in the checkout. */
  file: string;
  /** Must be there exactly once. */
  find: string;
  replace: string;
}

/** A mistake that the harness has to notice, done on purpose. */
export interface Bug {
  name: string;
  /** What the code does with it, in a sentence without its subject. */
  does: string;
  edits: readonly Edit[];
  /** What it has to be caught in. */
  round: RoundName;
  /** It counts as caught when one of these is broken: what breaks everything would be noticed by anything. */
  breaks: readonly Invariant[];
}
