import type { Bench, BenchContext, Side, Values } from './bench.ts';

/** One run of each side, right after each other. */
export interface Pair extends Readonly<Record<Side, Values>> {
  /** The side that ran first. */
  first: Side;
}

/**
 * Runs both sides so many times. The side that begins changes from pair to pair, so that what the machine does over
 * time (caches that fill, a neighbour who comes) meets both alike.
 */
export async function runPairs(bench: Bench, pairs: number, context: BenchContext): Promise<Pair[]> {
  const done: Pair[] = [];
  for (let i = 0; i < pairs; i += 1) {
    const first: Side = i % 2 === 0 ? 'baseline' : 'subject';
    const second: Side = first === 'baseline' ? 'subject' : 'baseline';
    const one = await measure(bench, first, context, `pair ${i + 1} of ${pairs}`);
    const other = await measure(bench, second, context, `pair ${i + 1} of ${pairs}`);
    done.push(
      first === 'baseline' ? { first, baseline: one, subject: other } : { first, baseline: other, subject: one },
    );
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
