// `npm run bench`: see usage().
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startStack, type StackAddresses } from '@hookline/local-stack';
import { parseArguments, usage, type BenchOptions } from './arguments.ts';
import { BENCHES } from './benches/index.ts';
import { curvesUsage, parseCurves } from './curves/arguments.ts';
import { CURVES } from './curves/index.ts';
import { runCurves } from './curves/run-curves.ts';
import { parseRedrive, REDRIVE_USAGE } from './redrive/arguments.ts';
import { renderRedrive } from './redrive/render-redrive.ts';
import { isSound, runRedrive } from './redrive/run-redrive.ts';
import { describeMachine } from './report/machine.ts';
import { isRelayBench, parseRelay, RELAY_USAGE, type RelayBench } from './relay/arguments.ts';
import { runRelay } from './relay/run-relay.ts';
import { render, runBenches } from './runs/run-benches.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const [first, ...others] = process.argv.slice(2);
const parsed = parseArguments(process.argv.slice(2), BENCHES);
if (first === 'redrive') {
  await redrive(others);
} else if (first === 'curves') {
  await curves(others);
} else if (isRelayBench(first)) {
  await relay(first, others);
} else if (!parsed.success) {
  say(`${parsed.problem}\n\n${usage(BENCHES)}`);
  process.exitCode = 2;
} else if (parsed.show !== null) {
  process.stdout.write(parsed.show);
} else {
  await run(parsed.options);
}

async function run(options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  await withStack(async (stack) => {
    const result = await runBenches(options, { machine, stack, say });
    if (!result.success) {
      say(result.problem);
      process.exitCode = 2;
      return;
    }
    const { report } = result;
    process.stdout.write(render(report, options.format));
    if (report.benches.some(({ failed }) => failed !== undefined)) process.exitCode = 1;
  });
}

async function redrive(args: readonly string[]): Promise<void> {
  const asked = parseRedrive(args);
  if (!asked.success) {
    say(`${asked.problem}\n\n${REDRIVE_USAGE}`);
    process.exitCode = 2;
  } else if (asked.help) {
    process.stdout.write(REDRIVE_USAGE);
  } else {
    const machine = describeMachine();
    await withStack(async (stack) => {
      const report = await runRedrive(asked.options, { stack, from: 'dist', profiles: null, say });
      const text = asked.options.json ? JSON.stringify({ machine, ...report }) : renderRedrive(report, machine);
      process.stdout.write(`${text}\n`);
      if (!isSound(report)) process.exitCode = 1;
    });
  }
}

async function curves(args: readonly string[]): Promise<void> {
  const asked = parseCurves(args, CURVES);
  if (!asked.success) {
    say(`${asked.problem}\n\n${curvesUsage(CURVES)}`);
    process.exitCode = 2;
  } else if (asked.show !== null) {
    process.stdout.write(asked.show);
  } else {
    const machine = describeMachine();
    await withStack(async (stack) => {
      const result = await runCurves(asked.options, { machine, stack, say });
      if (result.success) process.stdout.write(`${JSON.stringify(result.report, null, 2)}\n`);
      else {
        say(result.problem);
        process.exitCode = 2;
      }
    });
  }
}

async function relay(bench: RelayBench, args: readonly string[]): Promise<void> {
  const asked = parseRelay(bench, args);
  if (!asked.success) {
    say(`${asked.problem}\n\n${RELAY_USAGE}`);
    process.exitCode = 2;
  } else if (asked.help) {
    process.stdout.write(RELAY_USAGE);
  } else {
    const machine = describeMachine();
    await withStack(async (stack) => {
      const figures = await runRelay(bench, asked.options, { stack, from: 'dist', profiles: null, say });
      const lines = Object.entries(figures).map(([name, value]) => `  ${name}: ${Math.round(value * 100) / 100}\n`);
      process.stdout.write(asked.options.json ? `${JSON.stringify({ machine, ...figures })}\n` : lines.join(''));
    });
  }
}

async function withStack(work: (stack: StackAddresses) => Promise<void>): Promise<void> {
  await build();
  // Servers of this machine, without a network of containers between them and us.
  const stack = await startStack({ provider: 'processes' });
  try {
    await work(stack.addresses);
  } finally {
    await stack.stop();
  }
}

/** Measured is what would be deployed: stripping types while loading costs time and memory. */
async function build(): Promise<void> {
  const script = fileURLToPath(new URL('../../scripts/build.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script], { stdio: ['ignore', 2, 2] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error('What is to be measured does not build: see above.');
}
