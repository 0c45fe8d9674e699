import type { BenchContext, Measured } from '../bench.ts';
import { ledgerProblem } from '../ledger.ts';
import type { Machine } from '../report/machine.ts';
import { readVersions } from '../report/read-versions.ts';
import { openRunStore, type RunStore } from '../runs/run-store.ts';
import type { CurvesOptions } from './arguments.ts';
import type { Curve, CurvesReport, DrawnCurve } from './curve.ts';

export type CurvesResult = { success: true; report: CurvesReport } | { success: false; problem: string };

/**
 * Measures each point once; with `resume` only those that are not in its directory. A curve with a point that fails has no
 * others behind it, and does not end the other curves; there is no report then.
 */
export async function runCurves(
  { curves, scale, resume }: Pick<CurvesOptions, 'curves' | 'scale' | 'resume'>,
  { machine, stack, say }: Pick<BenchContext, 'stack' | 'say'> & { machine: Machine },
): Promise<CurvesResult> {
  const versions = await readVersions(stack);
  const { load: _, ...same } = machine;
  const opened = resume === null ? null : await openRunStore(resume, { scale, machine: same, versions });
  if (opened?.success === false) return opened;
  const context: BenchContext = { stack, scale, from: 'dist', profiles: null, say };
  const drawn: DrawnCurve[] = [];
  const failed: string[] = [];
  for (const curve of curves) {
    try {
      drawn.push(await measureCurve(curve, context, opened?.store ?? null));
    } catch (error) {
      say(`${curve.name} failed: ${String(error)}`);
      failed.push(curve.name);
    }
  }
  if (failed.length > 0) return { success: false, problem: `Without ${failed.join(', ')} there is no report.` };
  return { success: true, report: { machine, versions, scale, curves: drawn } };
}

async function measureCurve(curve: Curve, context: BenchContext, store: RunStore | null): Promise<DrawnCurve> {
  const { name, about, x, series } = curve;
  const points: DrawnCurve['points'] = [];
  for (const [n, at] of x.at.entries()) {
    const run = `${name}-${at}`;
    const kept = (await store?.find(run)) ?? null;
    if (!kept) context.say(`${name}, point ${n + 1} of ${x.at.length}: ${at} ${x.label}`);
    const measured = kept ?? (await measurePoint(curve, at, context));
    if (!kept) await store?.keep(run, measured);
    points.push({ x: at, values: measured.values });
  }
  return { name, about, x: { label: x.label }, series, points };
}

/** Rejects where it is void, or has no value for one of the series. */
export async function measurePoint(curve: Curve, x: number, context: BenchContext): Promise<Measured> {
  const measured = await curve.measure(x, context);
  const problem = ledgerProblem(measured.ledger);
  if (problem !== null) throw new Error(`A point of ${curve.name}, at ${x}, is void: ${problem}.`);
  for (const { name } of curve.series) {
    const value = measured.values[name];
    if (value === undefined || !(value >= 0))
      throw new Error(`${curve.name}, at ${x}, measured ${value} for "${name}".`);
  }
  return measured;
}
