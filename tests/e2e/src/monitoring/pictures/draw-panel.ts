import type { PrometheusSeries } from '@hookline/local-stack';
import type { ShownPanel } from '../dashboards.ts';
import { formatValue } from './format-value.ts';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a query of a panel was answered. */
export interface Answer {
  legendFormat: string;
  series: readonly PrometheusSeries[];
}

/** When the first and the last value of a picture is, in seconds since 1970. */
export interface Span {
  from: number;
  to: number;
}

interface Line {
  name: string;
  points: { time: number; value: number }[];
}

const COLOURS = ['#3274d9', '#e0752d', '#37872d', '#c4162a', '#8f3bb8', '#b99400', '#0f8a9d', '#d44a9a'];
const PADDING = 10;
const TITLE = 22;
const LEGEND_LINE = 14;
const LEGEND_LINES = 3;
const AXIS = 58;
const TIMES = 16;
const CHARACTER = 5.4;

/** One panel as SVG: its number, or its lines with the axes and a legend. */
export function drawPanel(panel: ShownPanel, box: Box, answers: readonly Answer[], span: Span): string {
  const frame = `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="3" class="panel"/>`;
  const title = text(box.x + PADDING, box.y + 16, panel.title, 'title');
  const lines = answers.flatMap(linesOf);
  return `${frame}${title}${panel.type === 'stat' ? number(panel, box, lines) : graph(panel, box, lines, span)}`;
}

function linesOf({ legendFormat, series }: Answer): Line[] {
  return series.map(({ metric, values = [] }) => ({
    name: legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] || '(none)'),
    points: values
      .map(([time, value]) => ({ time, value: Number(value) }))
      .filter(({ value }) => Number.isFinite(value)),
  }));
}

function number(panel: ShownPanel, box: Box, lines: readonly Line[]): string {
  const { unit = 'short', thresholds } = panel.fieldConfig?.defaults ?? {};
  const last = lines[0]?.points.at(-1)?.value;
  const steps = (thresholds?.steps ?? []).filter(({ value }) => value === null || (last ?? 0) >= value);
  const at = [box.x + box.width / 2, box.y + box.height / 2 + 22] as const;
  return text(
    ...at,
    last === undefined ? 'no data' : formatValue(last, unit),
    `number ${steps.at(-1)?.color ?? 'green'}`,
  );
}

function graph(panel: ShownPanel, box: Box, lines: readonly Line[], span: Span): string {
  const { unit = 'short', custom } = panel.fieldConfig?.defaults ?? {};
  const shown = custom?.stacking.mode === 'normal' ? stacked(lines) : lines;
  const area = {
    x: box.x + AXIS,
    y: box.y + TITLE + 6,
    width: box.width - AXIS - PADDING,
    height: box.height - TITLE - TIMES - LEGEND_LINE * LEGEND_LINES - 12,
  };
  const top = niceTop(Math.max(0, ...shown.flatMap(({ points }) => points.map(({ value }) => value))));
  const x = (time: number) => (area.x + ((time - span.from) / (span.to - span.from)) * area.width).toFixed(1);
  const y = (value: number) => (area.y + area.height * (1 - Math.max(0, value) / top)).toFixed(1);
  const grid = [0, 0.5, 1].map((part) => {
    const at = y(top * part);
    const label = text(area.x - 6, Number(at) + 4, formatValue(top * part, unit), 'axis right');
    return `<line x1="${area.x}" x2="${area.x + area.width}" y1="${at}" y2="${at}" class="grid"/>${label}`;
  });
  const minutes = [0, 0.5, 1].map((part) => {
    const time = span.from + (span.to - span.from) * part;
    const label = formatValue(Math.round(time - span.to), 's');
    const anchor = part === 0 ? '' : part === 1 ? ' right' : ' middle';
    return text(Number(x(time)), area.y + area.height + 13, part === 1 ? 'now' : label, `axis${anchor}`);
  });
  const gap = 1.5 * smallestStep(shown);
  const paths = shown.map(({ points }, i) => {
    const path = points.map(({ time, value }, n) => {
      const isNew = n === 0 || time - (points[n - 1]?.time ?? time) > gap;
      return `${isNew ? 'M' : 'L'}${x(time)},${y(value)}`;
    });
    return `<path d="${path.join('')}" stroke="${colour(i)}" class="line"/>`;
  });
  const empty =
    shown.length === 0
      ? text(area.x + area.width / 2, area.y + area.height / 2, 'nothing of the kind', 'axis middle')
      : '';
  return [...grid, ...minutes, ...paths, empty, legend(shown, box)].join('');
}

/** Between two values of a line, where there is one for every moment. */
function smallestStep(lines: readonly Line[]): number {
  const steps = lines.flatMap(({ points }) => points.slice(1).map(({ time }, i) => time - (points[i]?.time ?? time)));
  return Math.min(...steps, Number.POSITIVE_INFINITY);
}

/** Each line on top of those before it. */
function stacked(lines: readonly Line[]): Line[] {
  const below = new Map<number, number>();
  return lines.map(({ name, points }) => ({
    name,
    points: points.map(({ time, value }) => {
      const sum = (below.get(time) ?? 0) + value;
      below.set(time, sum);
      return { time, value: sum };
    }),
  }));
}

function legend(lines: readonly Line[], box: Box): string {
  const left = box.x + PADDING;
  let x = left;
  let line = 0;
  return lines
    .map(({ name }, i) => {
      const width = 16 + name.length * CHARACTER + 12;
      if (x > left && x + width > box.x + box.width) {
        x = left;
        line += 1;
      }
      const y = box.y + box.height - LEGEND_LINE * LEGEND_LINES + 6 + line * LEGEND_LINE;
      const at = x;
      x += width;
      if (line >= LEGEND_LINES) return '';
      return `<rect x="${at}" y="${y - 7}" width="10" height="3" fill="${colour(i)}"/>${text(at + 14, y - 2, name, 'axis')}`;
    })
    .join('');
}

function niceTop(max: number): number {
  if (max <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(max));
  return ([1, 2, 5, 10].find((step) => step * power >= max) as number) * power;
}

function colour(i: number): string {
  return COLOURS[i % COLOURS.length] as string;
}

export function text(x: number, y: number, content: string, style: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${style}">${escaped}</text>`;
}
