// Puts together what one image holds, in the image's build: `node assemble.ts services/processor OUT`. The layout is the
// repository's, so that programs find migrations and each other where they do there.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listFiles } from './list-files.ts';
import { settleTimes } from './settle-times.ts';
import { workspaceClosure } from './workspace-closure.ts';

const WORKSPACE = ['.npmrc', 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
// Notes of pnpm about its last run, with times and paths of the build; and programs of packages, which nothing runs.
const BOOKKEEPING = ['.modules.yaml', '.pnpm-workspace-state-v1.json', '.pnpm/lock.yaml'];

const [folder, out] = process.argv.slice(2);
if (folder === undefined || out === undefined) throw new Error('Usage: assemble.ts FOLDER OUT');
const root = process.cwd();
const app = join(out, 'app');
const parts = workspaceClosure(root, folder);

for (const file of [...WORKSPACE, 'LICENSE', ...parts.map((part) => join(part, 'package.json'))]) copy(file, file);
install();
for (const file of WORKSPACE) rmSync(join(app, file));
for (const file of BOOKKEEPING) rmSync(join(app, 'node_modules', file), { force: true });
for (const path of listFiles(app)) if (path.endsWith('/node_modules/.bin')) rmSync(path, { recursive: true });
for (const part of parts) {
  for (const path of listFiles(join(root, part, 'dist'))) {
    if (/\.(js|d\.ts)$/.test(path)) copy(path.slice(root.length + 1), path.slice(root.length + 1));
  }
}
if (folder === 'packages/cli') copy('migrations', 'migrations');
else copy('infra/docker/healthcheck.mjs', 'healthcheck.mjs');
linkForUsers();
settleTimes(out);

function copy(from: string, to: string): void {
  mkdirSync(dirname(join(app, to)), { recursive: true });
  cpSync(join(root, from), join(app, to), { recursive: true });
}

function install(): void {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string };
  const { name } = JSON.parse(readFileSync(join(root, folder ?? '', 'package.json'), 'utf8')) as { name: string };
  const { status } = spawnSync(
    'npx',
    [
      ...['--yes', packageManager, 'install', '--prod', '--offline', '--frozen-lockfile', '--ignore-scripts'],
      ...['--package-import-method=copy', '--reporter=append-only', '--filter-prod', `${name}...`],
    ],
    { cwd: app, stdio: 'inherit' },
  );
  if (status !== 0) throw new Error(`Installing what ${name} needs failed: exit code ${String(status)}.`);
}

/** Modules of users, which lie below /app, import `@hookline/handlers`. */
function linkForUsers(): void {
  if (!existsSync(join(app, 'packages/handlers'))) return;
  mkdirSync(join(app, 'node_modules/@hookline'), { recursive: true });
  symlinkSync('../../packages/handlers', join(app, 'node_modules/@hookline/handlers'));
}
