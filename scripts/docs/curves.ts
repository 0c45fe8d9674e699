import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CurvesReport } from '../../bench/src/curves/curve.ts';
import { root } from '../tools.ts';
import { curveSvg } from './curve-svg.ts';

/** What `npm run bench -- curves` has written. */
const REPORT = 'docs/operating/curves.json';

/** The pictures of the curves, by the path of each. */
export function curveFiles(): [path: string, text: string][] {
  return readReport().curves.map((curve) => [`docs/operating/curves/${curve.name}.svg`, curveSvg(curve)]);
}

/** The points of the curves, as tables, by the name of the part of the page. */
export function curveParts(): [name: string, markdown: string][] {
  return readReport().curves.map(({ name, x, series, points }) => {
    const rows = points.map((point) => [point.x, ...series.map((line) => point.values[line.name] ?? Number.NaN)]);
    const head = [x.label, ...series.map((line) => `${line.name}, ${line.unit}`)];
    const lines = [head, head.map(() => '---:'), ...rows.map((row) => row.map(written))];
    return [`points of ${name}`, lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')];
  });
}

function readReport(): CurvesReport {
  return JSON.parse(readFileSync(join(root, REPORT), 'utf8')) as CurvesReport;
}

/** Three digits say all that a point says that was measured once. */
function written(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US');
}
