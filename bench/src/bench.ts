import type { StackAddresses } from '@hookline/local-stack';
import type { Ledger } from './ledger.ts';

/** A bench runs the same work on two sides; or, where there is nothing to compare with, on the subject alone. */
export type Side = 'baseline' | 'subject';

/** What was measured in one run of one side, by the name of the figure. */
export type Values = Readonly<Record<string, number>>;

export interface Figure {
  name: string;
  unit: string;
  /**
   * What is judged: the ratio, subject / baseline, of each pair (default), or the subject's value itself, such as a number of
   * commits, or a latency that users feel. Of a bench without a baseline it is always the value.
   */
  of?: 'ratio' | 'value';
  /**
   * Met when the whole of the 95 % interval of the median is: its lower end for `atLeast`, its upper one for `atMost`.
   * Absent: the figure is there to explain the others.
   */
  target?: { atLeast: number } | { atMost: number };
}

export interface Bench {
  /** By which it is called on the command line. Benches of one file that differ in their payloads end in these. */
  name: string;
  /** What is compared, in a sentence. */
  about: string;
  /** What each side is, in a word or two. */
  sides: { readonly baseline?: string; readonly subject: string };
  figures: readonly Figure[];
  /** So many pairs where none are asked for; default {@link DEFAULT_PAIRS}. Fewer only where a run takes minutes. */
  pairs?: number;
  /** Of what the baseline is made, by name: what else is on the machine is in every report. */
  versions?: Readonly<Record<string, string>>;
  /** One run of one side, on a topic and a database of its own. Rejects where it has measured something else. */
  measure(side: Side, context: BenchContext): Promise<Measured>;
}

export const DEFAULT_PAIRS = 5;

/** What one run of one side has found. */
export interface Measured {
  /** One for each of the bench's figures; of the baseline one for each that is compared. */
  values: Values;
  /** Where it does not add up, the run is void: see {@link Ledger}. */
  ledger: Ledger;
}

export interface BenchContext {
  stack: StackAddresses;
  /** By which amounts of work and times are multiplied: 1, or less to try a bench out. */
  scale: number;
  /** Which code the services run: what is built, as in production, or the source as it is. */
  from: 'dist' | 'source';
  /** Where processors leave a CPU profile; null: they make none. */
  profiles: string | null;
  say(line: string): void;
}
