import type { StackAddresses } from '@hookline/local-stack';

/** A bench runs the same work on two sides. What counts is the ratio, subject / baseline, of one pair of runs. */
export type Side = 'baseline' | 'subject';

/** What was measured in one run of one side, by the name of the figure. */
export type Values = Readonly<Record<string, number>>;

export interface Figure {
  name: string;
  unit: string;
  /** What the median of the ratios is to be. Absent: the figure is there to explain the others. */
  target?: { atLeast: number } | { atMost: number };
}

export interface Bench {
  /** By which it is called on the command line: that of its file. */
  name: string;
  /** What is compared, in a sentence. */
  about: string;
  /** What each side is, in a word or two. */
  sides: Readonly<Record<Side, string>>;
  figures: readonly Figure[];
  /** One run of one side, on a topic and a database of its own. Rejects where it has measured something else. */
  measure(side: Side, context: BenchContext): Promise<Values>;
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
