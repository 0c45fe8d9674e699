import type { BenchContext, Measured } from '../bench.ts';

/** How something that is measured changes with something that grows. */
export interface Curve {
  /** By which it is called on the command line. */
  name: string;
  /** What is shown, in a sentence. */
  about: string;
  x: {
    label: string;
    /** Where it is measured, from the least to the greatest. */
    at: readonly number[];
  };
  /** Those of the same unit are drawn together. */
  series: readonly Series[];
  /** One point: a value for each of the series. Rejects where it has measured something else. */
  measure(x: number, context: BenchContext): Promise<Measured>;
}

export interface Series {
  name: string;
  unit: string;
}

/** Curves as the command writes them, and as the documentation draws them. */
export interface CurvesReport {
  machine: unknown;
  versions: Readonly<Record<string, string>>;
  scale: number;
  curves: DrawnCurve[];
}

export interface DrawnCurve extends Pick<Curve, 'name' | 'about' | 'series'> {
  x: { label: string };
  points: { x: number; values: Readonly<Record<string, number>> }[];
}
