import { DEFAULT_PAIRS, type Bench, type Figure, type Side } from '../bench.ts';
import { intervalOfMedian, type Interval } from '../bootstrap.ts';
import { isCompared, type Pair } from '../run-pairs.ts';
import { median } from '../statistics.ts';

/** The median of what counts, and where it would lie if the pairs were run again. */
export interface Estimate extends Interval {
  median: number;
}

/** What the pairs say about one figure. */
export interface FigureSummary extends Figure {
  subject: number;
  /** Null where it was not measured. */
  baseline: number | null;
  /** Subject / baseline, pair by pair; null where the value itself counts. */
  ratio: Estimate | null;
  /** The subject's values. */
  value: Estimate;
  /** Null where there is no target, or too few pairs to judge by. */
  met: boolean | null;
}

export interface BenchSummary extends Pick<Bench, 'name' | 'about' | 'sides' | 'versions'> {
  figures: FigureSummary[];
  pairs: readonly Pair[];
  /** Why it has no figures, where it has none. */
  failed?: string;
}

/** With fewer, an interval says more of luck than of what is compared. */
const ENOUGH_PAIRS = DEFAULT_PAIRS;

export function summarise(bench: Bench, pairs: readonly Pair[]): BenchSummary {
  return { ...describe(bench), figures: bench.figures.map((figure) => summariseFigure(bench, figure, pairs)), pairs };
}

export function summariseFailure(bench: Bench, error: unknown): BenchSummary {
  const failed = error instanceof Error ? error.message : String(error);
  return { ...describe(bench), figures: [], pairs: [], failed };
}

function describe({ name, about, sides, versions }: Bench): Omit<BenchSummary, 'figures' | 'pairs'> {
  return { name, about, sides, ...(versions && { versions }) };
}

function summariseFigure(bench: Bench, figure: Figure, pairs: readonly Pair[]): FigureSummary {
  const values = (side: Side): number[] => pairs.map((pair) => pair[side]?.[figure.name] ?? Number.NaN);
  const baseline = values('baseline');
  const subject = values('subject');
  const value = estimate(subject);
  const ratio = isCompared(figure, bench) ? estimate(subject.map((one, i) => one / (baseline[i] ?? Number.NaN))) : null;
  const ofBaseline = median(baseline);
  return {
    ...figure,
    baseline: Number.isNaN(ofBaseline) ? null : ofBaseline,
    subject: value.median,
    ratio,
    value,
    met: pairs.length < Math.min(ENOUGH_PAIRS, bench.pairs ?? ENOUGH_PAIRS) ? null : isMet(figure, ratio ?? value),
  };
}

function estimate(values: readonly number[]): Estimate {
  return { median: median(values), ...intervalOfMedian(values) };
}

function isMet({ target }: Figure, { low, high }: Interval): boolean | null {
  if (!target) return null;
  return 'atLeast' in target ? low >= target.atLeast : high <= target.atMost;
}
