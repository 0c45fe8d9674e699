import { DEFAULT_PAIRS, type Bench, type BenchContext, type Measured, type Side } from '../bench.ts';
import { readLoad } from '../report/machine.ts';
import { summarise, summariseFailure, type BenchSummary } from '../report/summarise.ts';
import { measureOnce, runPairs } from '../run-pairs.ts';
import type { RunStore } from './run-store.ts';

export interface BenchRunOptions {
  /** Null: as many as the bench has by itself. */
  pairs: number | null;
  together: boolean;
  /** Null: runs are kept nowhere. */
  store: RunStore | null;
}

/** The part of a run's work that each side does first, and whose figures count nowhere. */
const WARM_UP = 0.05;

/**
 * Warms up (a small run of each side, so that the first pair does not pay for cold caches of the servers), makes the pairs, and
 * says what they say. A bench that fails has no figures, and does not end the others.
 */
export async function runBench(bench: Bench, options: BenchRunOptions, context: BenchContext): Promise<BenchSummary> {
  const pairs = options.pairs ?? bench.pairs ?? DEFAULT_PAIRS;
  let warm: Promise<void> | undefined;
  const warmUp = async (): Promise<void> => {
    const small = { ...context, scale: context.scale * WARM_UP };
    // Of so little there may be no rate at all, and nobody asks for it.
    if (bench.sides.baseline !== undefined) await bench.measure('baseline', small);
    await bench.measure('subject', small);
  };
  const run = async (side: Side, pair: number): Promise<Measured> => {
    const name = `${bench.name}-${pair}-${side}`;
    const kept = (await options.store?.find(name)) ?? null;
    if (kept) return kept;
    await (warm ??= warmUp());
    context.say(`${bench.name}, pair ${pair} of ${pairs}: ${bench.sides[side]}`);
    const load = readLoad();
    const beganAt = new Date().toISOString();
    const measured = await measureOnce(bench, side, context);
    await options.store?.keep(name, measured, { load, beganAt });
    return measured;
  };
  try {
    return summarise(bench, await runPairs(bench, { pairs, together: options.together }, run));
  } catch (error) {
    context.say(`${bench.name} failed: ${String(error)}`);
    return summariseFailure(bench, error);
  }
}
