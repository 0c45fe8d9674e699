export type Invariant =
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'I8'
  | 'I9'
  | 'I10'
  | 'E1'
  | 'E2'
  | 'E3'
  | 'E4'
  | 'E5';

/** A promise that was not kept. */
export interface Violation {
  invariant: Invariant;
  what: string;
  count: number;
  /** The first few. */
  examples: string[];
}

const EXAMPLES = 5;

/** None where nothing was found. */
export function violation(invariant: Invariant, what: string, found: readonly string[]): Violation[] {
  return found.length === 0 ? [] : [{ invariant, what, count: found.length, examples: found.slice(0, EXAMPLES) }];
}
