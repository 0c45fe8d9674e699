import type { Bench, BenchContext, Side, Values } from './bench.ts';

/** One run of each side, right after each other or at once. */
export interface Pair extends Readonly<Record<Side, Values>> {
  /** The side that ran first. */
  first: Side | 'both';
}

export interface PairOptions {
  pairs: number;
  /**
   * Both sides of a pair at once. Each has half of the machine, so that its values are worth less; but whatever else
   * runs there meets both in the same moment, and the ratio says something on a machine that is busy.
   */
  together: boolean;
}

/**
 * Runs both sides so many times. The side that begins changes from pair to pair, so that what the machine does over
 * time (caches that fill, a neighbour who comes) meets both alike.
 */
export async function runPairs(bench: Bench, options: PairOptions, context: BenchContext): Promise<Pair[]> {
  const { pairs, together } = options;
  const done: Pair[] = [];
  for (let i = 0; i < pairs; i += 1) {
    const run = (side: Side): Promise<Values> => measure(bench, side, context, `pair ${i + 1} of ${pairs}`);
    if (together) {
      const [baseline, subject] = await Promise.all([run('baseline'), run('subject')]);
      done.push({ first: 'both', baseline, subject });
    } else if (i % 2 === 0) {
      done.push({ first: 'baseline', baseline: await run('baseline'), subject: await run('subject') });
    } else {
      done.push({ first: 'subject', subject: await run('subject'), baseline: await run('baseline') });
    }
  }
  return done;
}

async function measure(bench: Bench, side: Side, context: BenchContext, which: string): Promise<Values> {
  context.say(`${bench.name}, ${which}: ${bench.sides[side]}`);
  const values = await bench.measure(side, context);
  for (const { name } of bench.figures) {
    const value = values[name];
    // A ratio with it would be nonsense, and be shown as if it were none.
    if (!(value !== undefined && Number.isFinite(value) && value > 0)) {
      throw new Error(`${bench.name} measured ${value} for "${name}" (${bench.sides[side]}).`);
    }
  }
  return values;
}
