import type { DrawnCurve } from '../../bench/src/curves/curve.ts';
import { axisOf, positionOn, type Axis } from './axis.ts';

const PANEL = { width: 400, height: 250 };
const INSIDE = { left: 62, right: 28, top: 46, bottom: 44 };
const COLUMNS = 2;
const RADIUS = 3;

/** Legible on a light page and on a dark one: an image has no page's colours. */
const STYLE = `
    text { font: 11px system-ui, sans-serif; fill: #57606a; }
    .title { font-weight: 600; fill: #24292f; }
    .grid { stroke: #d0d7de; stroke-width: 1; }
    .line { fill: none; stroke-width: 2; }
    .first { stroke: #0969da; } .second { stroke: #bc4c00; }
    circle.first { fill: #0969da; } circle.second { fill: #bc4c00; }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1; } .title { fill: #f0f6fc; } .grid { stroke: #3d444d; }
      .first { stroke: #4493f8; } .second { stroke: #db6d28; }
      circle.first { fill: #4493f8; } circle.second { fill: #db6d28; }
    }`;
const COLOURS = ['first', 'second'];

/** One panel for each unit, with at most two lines in each, over the same axis. */
export function curveSvg({ name, about, x, series, points }: DrawnCurve): string {
  const across = axisOf(
    points.map((point) => point.x),
    { steps: 'points' },
  );
  const panels = [...Map.groupBy(series, ({ unit }) => unit)].map(([unit, lines]) => {
    if (lines.length > COLOURS.length) throw new Error(`${name} has more lines in ${unit} than there are colours.`);
    return panelOf({ unit, lines: lines.map((line) => line.name), across, label: x.label, points });
  });
  const columns = Math.min(COLUMNS, panels.length);
  const [width, height] = [columns * PANEL.width, Math.ceil(panels.length / columns) * PANEL.height];
  const placed = panels.map((panel, n) => {
    const [left, top] = [(n % columns) * PANEL.width, Math.floor(n / columns) * PANEL.height];
    return `  <g transform="translate(${left} ${top})">\n${panel}\n  </g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `  <title>${escaped(about)}</title>`,
    `  <style>${STYLE}\n  </style>`,
    ...placed,
    '</svg>',
    '',
  ].join('\n');
}

interface Panel {
  unit: string;
  lines: readonly string[];
  across: Axis;
  label: string;
  points: DrawnCurve['points'];
}

function panelOf({ unit, lines, across, label, points }: Panel): string {
  const valueOf = (line: string, point: DrawnCurve['points'][number]): number => point.values[line] ?? Number.NaN;
  const up = axisOf(
    lines.flatMap((line) => points.map((point) => valueOf(line, point))),
    { steps: 'round' },
  );
  const [right, bottom] = [PANEL.width - INSIDE.right, PANEL.height - INSIDE.bottom];
  const atX = (value: number): string => round(INSIDE.left + positionOn(across, value) * (right - INSIDE.left));
  const atY = (value: number): string => round(bottom - positionOn(up, value) * (bottom - INSIDE.top));
  const drawn = lines.flatMap((line, n) => {
    const colour = COLOURS[n] as string;
    const at = points.map((point) => ({ x: atX(point.x), y: atY(valueOf(line, point)) }));
    return [
      `<polyline class="line ${colour}" points="${at.map(({ x, y }) => `${x},${y}`).join(' ')}"/>`,
      ...at.map(({ x, y }) => `<circle class="${colour}" cx="${x}" cy="${y}" r="${RADIUS}"/>`),
      `<circle class="${colour}" cx="${INSIDE.left + 4}" cy="${14 + 15 * n}" r="${RADIUS}"/>`,
      `<text class="title" x="${INSIDE.left + 14}" y="${18 + 15 * n}">${escaped(`${line}, ${unit}`)}</text>`,
    ];
  });
  return [
    ...up.ticks.flatMap((tick) => [
      `<line class="grid" x1="${INSIDE.left}" x2="${right}" y1="${atY(tick)}" y2="${atY(tick)}"/>`,
      `<text x="${INSIDE.left - 6}" y="${atY(tick)}" dy="4" text-anchor="end">${short(tick)}</text>`,
    ]),
    ...across.ticks.map(
      (tick) => `<text x="${atX(tick)}" y="${bottom + 16}" text-anchor="middle">${short(tick)}</text>`,
    ),
    `<text x="${(INSIDE.left + right) / 2}" y="${bottom + 34}" text-anchor="middle">${escaped(label)}</text>`,
    ...drawn,
  ]
    .map((element) => `    ${element}`)
    .join('\n');
}

const SUFFIXES = ['', 'k', 'M', 'G'];

/** 20000 as 20k. */
function short(value: number): string {
  const power = value === 0 ? 0 : Math.min(SUFFIXES.length - 1, Math.max(0, Math.floor(Math.log10(value) / 3)));
  return `${Number((value / 1000 ** power).toPrecision(3))}${SUFFIXES[power]}`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
