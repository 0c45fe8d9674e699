import type { ShownDashboard } from '../dashboards.ts';
import { drawPanel, text, type Answer, type Span } from './draw-panel.ts';

const COLUMN = 50;
const ROW = 30;
const GAP = 6;
const HEAD = 46;
const FOOT = 30;

const STYLE = `text{font:11px sans-serif;fill:#3b3f46}.head{font:600 18px sans-serif}.row{font:600 13px sans-serif}
.title{font:600 12px sans-serif}.axis{font-size:10px;fill:#6b7078}.right{text-anchor:end}.middle{text-anchor:middle}
.number{font:600 26px sans-serif;text-anchor:middle}.number.green{fill:#37872d}.number.red{fill:#c4162a}
.panel{fill:#fff;stroke:#d8dbe0}.grid{stroke:#e4e6ea}.line{fill:none;stroke-width:1.5;stroke-linecap:round}`;

/** A dashboard as one SVG. `answerOf` gives what the query of a panel was answered. */
export function drawDashboard(
  { title, panels }: ShownDashboard,
  answerOf: (expr: string) => Answer['series'],
  span: Span,
  caption: string,
): string {
  const rows = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h));
  const [width, height] = [24 * COLUMN, HEAD + rows * ROW + FOOT];
  const drawn = panels.map((panel) => {
    const { x, y, w, h } = panel.gridPos;
    if (panel.type === 'row') return text(GAP, HEAD + y * ROW + 20, panel.title, 'row');
    const box = {
      x: x * COLUMN + GAP / 2,
      y: HEAD + y * ROW + GAP / 2,
      width: w * COLUMN - GAP,
      height: h * ROW - GAP,
    };
    const answers = (panel.targets ?? []).map(({ expr, legendFormat }) => ({ legendFormat, series: answerOf(expr) }));
    return drawPanel(panel, box, answers, span);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${STYLE}</style><rect width="${width}" height="${height}" fill="#f4f5f7"/>`,
    text(GAP, 28, title, 'head'),
    ...drawn,
    text(GAP, height - 11, caption, 'axis'),
    '</svg>',
    '',
  ].join('\n');
}
