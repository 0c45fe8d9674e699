// Runs on whatever Node (>= 20) the machine has, before anything is installed: installs the locked
// dependencies when they are missing or older than the lock file, then hands over to Node 24.
// Plain JavaScript with no imports but Node's own, because nothing else exists yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [script, ...args] = process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Hookline needs Node.js 20 or later to begin with; this is ${process.version}.`);
  process.exit(1);
}

installWhenStale();
handOver();

function installWhenStale() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.hookline-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.error('Installing dependencies (first run, or the lock file changed) …');
  // stdout belongs to the command that follows (`--json`): the installer speaks on stderr.
  const install = spawnSync(
    process.platform === 'win32' ? 'npx.cmd' : 'npx',
    ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only'],
    { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, CI: 'true' } },
  );
  if (install.status !== 0) {
    console.error(
      `Installing dependencies failed (${packageManager}, exit ${install.status ?? install.error?.message}). ` +
        'Its last lines are above; check that the npm registry is reachable, then run the same command again.',
    );
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

function handOver() {
  // The real binary, not node_modules/.bin/node: that one is a shell shim that passes no signals on.
  const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  // Types are stripped, and code compiled, once and not by each process: they start in half the CPU time.
  const env = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'), ...process.env };
  const child = spawn(node, [...flags, join(root, script), ...args], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group already: a second copy would mean "exit at once".
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(
      `Node 24 could not be started (${error.message}). Delete node_modules and run the same command again.`,
    );
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}
