import type { Bench, BenchContext, Figure, Measured, Side, Values } from './bench.ts';
import { ledgerProblem } from './ledger.ts';

/** One run of each side, right after each other or at once; of a bench without a baseline, one run. */
export interface Pair {
  /** The side that ran first. */
  first: Side | 'both';
  subject: Values;
  baseline?: Values;
}

export interface PairOptions {
  pairs: number;
  /**
   * Both sides of a pair at once. Each has half of the machine, so that its values are worth less; but whatever else
   * runs there meets both in the same moment, and the ratio says something on a machine that is busy.
   */
  together: boolean;
}

/** Makes the run of one side of a pair, counted from 1, or has it from an earlier time. */
export type Run = (side: Side, pair: number) => Promise<Measured>;

/**
 * Runs both sides so many times. The side that begins changes from pair to pair (A B, B A, A B …), so that what the machine
 * does over time (caches that fill, a neighbour who comes) meets both alike.
 */
export async function runPairs(bench: Bench, options: PairOptions, run: Run): Promise<Pair[]> {
  const { pairs, together } = options;
  const done: Pair[] = [];
  const values = async (side: Side, pair: number): Promise<Values> => (await run(side, pair)).values;
  for (let pair = 1; pair <= pairs; pair += 1) {
    if (bench.sides.baseline === undefined) {
      done.push({ first: 'subject', subject: await values('subject', pair) });
    } else if (together) {
      const [baseline, subject] = await Promise.all([values('baseline', pair), values('subject', pair)]);
      done.push({ first: 'both', baseline, subject });
    } else if (pair % 2 === 1) {
      done.push({
        first: 'baseline',
        baseline: await values('baseline', pair),
        subject: await values('subject', pair),
      });
    } else {
      done.push({ first: 'subject', subject: await values('subject', pair), baseline: await values('baseline', pair) });
    }
  }
  return done;
}

/** Makes one run. Rejects where it is void, or a figure is missing. */
export async function measureOnce(bench: Bench, side: Side, context: BenchContext): Promise<Measured> {
  const measured = await bench.measure(side, context);
  const who = `${bench.name} (${bench.sides[side]})`;
  const problem = ledgerProblem(measured.ledger);
  if (problem !== null) throw new Error(`A run of ${who} is void: ${problem}.`);
  for (const figure of bench.figures) {
    const value = measured.values[figure.name];
    if (!isMeasured(figure, bench, side, value)) throw new Error(`${who} measured ${value} for "${figure.name}".`);
  }
  return measured;
}

/** A ratio with zero, or with what is not there, would be nonsense, and be shown as if it were none. */
function isMeasured(figure: Figure, bench: Bench, side: Side, value: number | undefined): boolean {
  if (isCompared(figure, bench)) return value !== undefined && Number.isFinite(value) && value > 0;
  if (value === undefined) return side === 'baseline';
  return Number.isFinite(value) && value >= 0;
}

/** Whether it is the ratio that counts, and not the subject's value. */
export function isCompared({ of = 'ratio' }: Figure, { sides }: Pick<Bench, 'sides'>): boolean {
  return of === 'ratio' && sides.baseline !== undefined;
}
