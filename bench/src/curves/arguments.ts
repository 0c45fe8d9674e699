import { parseArgs } from 'node:util';
import { scaleOf } from '../scale.ts';
import type { Curve } from './curve.ts';

export interface CurvesOptions {
  curves: Curve[];
  scale: number;
  /** Directory of finished points. */
  resume: string | null;
}

export type CurvesArguments =
  | { success: true; show: string }
  | { success: true; show: null; options: CurvesOptions }
  | { success: false; problem: string };

export function curvesUsage(curves: readonly Curve[]): string {
  const width = Math.max(...curves.map(({ name }) => name.length));
  const list = curves.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}\n`).join('');
  return `Usage: npm run bench -- curves [name …] [options] > docs/operating/curves.json

Measures what costs how much as something grows, each point once, and writes the points as JSON to stdout, all else to stderr.
\`npm run docs\` draws docs/operating/curves/ from that file. Without names all of them:

${list}
  --scale X      so much of the work, above 0 and at most 1 (default 1): to try it out
  --resume DIR   keep each finished point in DIR, and do not make those again that are there
  --help         show this
`;
}

export function parseCurves(args: readonly string[], curves: readonly Curve[]): CurvesArguments {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help) return { success: true, show: curvesUsage(curves) };
    const unknown = positionals.find((name) => !curves.some((curve) => curve.name === name));
    if (unknown !== undefined) return { success: false, problem: `There is no curve "${unknown}".` };
    const scale = scaleOf(values.scale);
    const chosen = curves.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
    return { success: true, show: null, options: { curves: chosen, scale, resume: values.resume ?? null } };
  } catch (error) {
    return { success: false, problem: (error as Error).message };
  }
}

const OPTIONS = {
  scale: { type: 'string' },
  resume: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
