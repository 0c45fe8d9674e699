// `npm test`: the checks, every test on one real stack, and coverage over all processes. With paths only the tests
// below them run, without checks and coverage. The last line is always `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { coverageReport } from './coverage-report.ts';
import { root } from './tools.ts';

const USAGE =
  'Usage: npm test -- [--provider=auto|containers|processes] [--pooler=none|pgbouncer] [--no-coverage] [path …]';

interface Tally {
  passed: number;
  failed: number;
}

const { values, positionals: paths } = readArguments();
const isWhole = paths.length === 0;
const temporary = mkdtempSync(join(tmpdir(), 'hookline-test-'));
try {
  const tallies = isWhole ? [await runChecks()] : [];
  tallies.push(await runJest());
  if (isWhole && values.coverage) tallies.push(await reportCoverage());
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

function readArguments() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      allowNegative: true,
      options: {
        provider: { type: 'string', default: 'auto' },
        pooler: { type: 'string', default: 'none' },
        coverage: { type: 'boolean', default: true },
      },
    });
    const { provider, pooler } = parsed.values;
    if (!['auto', 'containers', 'processes'].includes(provider)) throw new Error(`There is no provider "${provider}".`);
    if (!['none', 'pgbouncer'].includes(pooler)) throw new Error(`There is no pooler "${pooler}".`);
    return parsed;
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

async function runChecks(): Promise<Tally> {
  return tallyOf(await run(['scripts/check.ts']));
}

async function runJest(): Promise<Tally> {
  const results = join(temporary, 'results.json');
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${results}`];
  const isOk = await run([...jest, ...paths], {
    HOOKLINE_TEST_PROVIDER: values.provider,
    HOOKLINE_TEST_POOLER: values.pooler,
    // Every process writes there what it ran: Jest's own, and those that tests start.
    // Code from a cache is counted less precisely.
    ...(isWhole && values.coverage ? { NODE_V8_COVERAGE: rawCoverage(), NODE_DISABLE_COMPILE_CACHE: '1' } : {}),
  });
  return readResults(results) ?? tallyOf(isOk);
}

/** Suites that did not even run count as one failed test each. Undefined when Jest ended before it wrote any. */
function readResults(file: string): Tally | undefined {
  try {
    const results = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
    const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    // No test at all is what a mistyped path gives: not a success.
    return numPassedTests + failed === 0 ? tallyOf(false) : { passed: numPassedTests, failed };
  } catch {
    return undefined;
  }
}

async function reportCoverage(): Promise<Tally> {
  const { ok, output } = await coverageReport(root, rawCoverage());
  console.log(output.trim());
  return tallyOf(ok);
}

function rawCoverage(): string {
  return join(temporary, 'coverage');
}

function tallyOf(isOk: boolean): Tally {
  return isOk ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Runs a script on the Node that runs us, on our terminal; true when it ends with exit code 0. */
function run(args: string[], env: Record<string, string> = {}): Promise<boolean> {
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal sends Ctrl-C to both of us: a second copy would be one too many.
    if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(code === 0);
    });
  });
}
