import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cached } from '@hookline/local-stack';
import { ROOT } from './release.ts';

/** Whose production dependencies are installed: what runs in an upgrade. */
const PARTS = ['ingest', 'processor', 'relay', 'cli'];

/**
 * The sources of a commit with the libraries that its own lock file names, in the cache; made once. Packages come from
 * the store of pnpm where it has them.
 *
 * @throws with what to do, where the commit is not in this clone or its libraries cannot be had
 */
export async function checkOut(commit: string): Promise<string> {
  return cached(`release-${commit}`, async (directory) => {
    await requireCommit(commit);
    await run('sh', ['-c', `git archive ${commit} | tar -x -C "$0"`, directory], ROOT, 'It could not be unpacked');
    const { packageManager } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
      packageManager: string;
    };
    const filters = PARTS.flatMap((part) => ['--filter', `@hookline/${part}...`]);
    const install = ['--yes', packageManager, 'install', '--frozen-lockfile', '--prefer-offline', '--prod', ...filters];
    await run('npx', install, directory, 'Its libraries could not be installed; is the npm registry reachable?');
  });
}

async function requireCommit(commit: string): Promise<void> {
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new Error(`"${commit}" is no full id of a commit.`);
  await run(
    'git',
    ['cat-file', '-e', `${commit}^{commit}`],
    ROOT,
    `The last release, commit ${commit}, is not in this clone, which may be a shallow one: git fetch --unshallow, or git fetch origin ${commit}`,
  );
}

async function run(command: string, args: string[], cwd: string, advice: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CI: 'true' } });
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${advice} (${command} ended with ${String(code)}).\n${stdout}${stderr}`.trim());
}
