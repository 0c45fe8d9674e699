// `npm run test:upgrade`: the last release and this checkout on one database and topic, on a real stack. Ends with one line,
// `N passed, N failed`. Not part of `npm test`, which has the rules of tests/upgrade that need no other checkout.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './tools.ts';

const temporary = mkdtempSync(join(tmpdir(), 'hookline-upgrade-'));
const results = join(temporary, 'results.json');
const flags = ['--runInBand', '--testMatch=**/tests/upgrade/src/**/*.upgrade.ts', '--json', `--outputFile=${results}`];
const jest = ['--experimental-vm-modules', join(root, 'node_modules/jest/bin/jest.js'), ...flags];
const child = spawn(process.execPath, [...process.execArgv, ...jest], {
  cwd: root,
  // The results are for us; what Jest says for people goes to stderr.
  stdio: ['ignore', 'ignore', 'inherit'],
});
const forward = (signal: NodeJS.Signals): void => {
  if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);
child.once('exit', (code) => {
  const { passed, failed } = tally();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = code === 0 && failed === 0 && passed > 0 ? 0 : 1;
});

/** A suite that could not run counts as one that failed, and so does none at all. */
function tally(): { passed: number; failed: number } {
  try {
    const {
      numPassedTests = 0,
      numFailedTests = 0,
      numRuntimeErrorTestSuites = 0,
    } = JSON.parse(readFileSync(results, 'utf8')) as Record<string, number>;
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
