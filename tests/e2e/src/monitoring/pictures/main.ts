// `npm run docs:dashboards`: starts a stack, the three services and a Prometheus, sends deliveries for some minutes, asks
// Prometheus what each panel of each dashboard would ask, and draws the answers into docs/operating/dashboards/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findPrometheus, startStack, type PrometheusSeries } from '@hookline/local-stack';
import { filledIn, readDashboards } from '../dashboards.ts';
import { startWatchedSystem, type WatchedSystem } from '../watched-system.ts';
import { drawDashboard } from './draw-dashboard.ts';
import { sendForAWhile } from './send-for-a-while.ts';

const FOLDER = fileURLToPath(new URL('../../../../../docs/operating/dashboards/', import.meta.url));
const POINTS = 90;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '240' } } });
const seconds = Number(values.seconds);
if (!Number.isInteger(seconds) || seconds < 30) {
  say('Usage: npm run docs:dashboards -- [--seconds N], at least 30');
  process.exit(2);
}
const found = await findPrometheus();
if (!found.success) {
  say(`No picture was made: ${found.reason}.`);
  process.exit(1);
}
say('Starting Kafka, registry, PostgreSQL, the services and Prometheus …');
const stack = await startStack({ provider: 'auto' });
try {
  const watched = await startWatchedSystem({ programs: found.programs, stack: stack.addresses });
  try {
    say(`Sending deliveries for ${seconds} s …`);
    const from = Date.now() / 1000;
    const sent = await sendForAWhile(watched.ingest.url, seconds * 1000);
    await draw(watched, { from, to: Date.now() / 1000 }, sent);
  } finally {
    await watched.stop();
  }
} finally {
  await stack.stop();
}

async function draw({ prometheus }: WatchedSystem, span: { from: number; to: number }, sent: number): Promise<void> {
  const caption =
    `Drawn by npm run docs:dashboards, and not by Grafana, from the answers of a real Prometheus: ${sent} deliveries in ` +
    `${seconds} s through one ingest, one processor and one relay.`;
  mkdirSync(FOLDER, { recursive: true });
  const step = String(Math.max(1, Math.round((span.to - span.from) / POINTS)));
  for (const dashboard of readDashboards()) {
    const answers = new Map<string, PrometheusSeries[]>();
    const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    for (const expr of expressions) {
      const range = { start: String(span.from), end: String(span.to), step };
      const query = filledIn(expr, '15s');
      const { result } = await prometheus.ask<{ result: PrometheusSeries[] }>('query_range', { query, ...range });
      answers.set(expr, result);
    }
    writeFileSync(
      `${FOLDER}${dashboard.name}.svg`,
      drawDashboard(dashboard, (expr) => answers.get(expr) ?? [], span, caption),
    );
    say(`Wrote docs/operating/dashboards/${dashboard.name}.svg.`);
  }
}
