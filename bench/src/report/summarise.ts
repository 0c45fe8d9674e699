import type { Bench, Figure, Side } from '../bench.ts';
import type { Pair } from '../run-pairs.ts';
import { median } from '../statistics.ts';

/** What the pairs say about one figure. */
export interface FigureSummary extends Figure, Readonly<Record<Side, number>> {
  /** Subject / baseline, pair by pair. */
  ratio: { median: number; min: number; max: number };
  /** Null where there is no target. */
  met: boolean | null;
}

export interface BenchSummary {
  name: string;
  about: string;
  sides: Bench['sides'];
  figures: FigureSummary[];
  pairs: readonly Pair[];
}

export function summarise({ name, about, sides, figures }: Bench, pairs: readonly Pair[]): BenchSummary {
  return { name, about, sides, figures: figures.map((figure) => summariseFigure(figure, pairs)), pairs };
}

function summariseFigure(figure: Figure, pairs: readonly Pair[]): FigureSummary {
  const values = (side: Side): number[] => pairs.map((pair) => pair[side][figure.name] ?? Number.NaN);
  const baseline = values('baseline');
  const ratios = values('subject').map((value, i) => value / (baseline[i] ?? Number.NaN));
  const ratio = { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
  return {
    ...figure,
    baseline: median(baseline),
    subject: median(values('subject')),
    ratio,
    met: isMet(figure, ratio.median),
  };
}

function isMet({ target }: Figure, ratio: number): boolean | null {
  if (!target) return null;
  return 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost;
}
