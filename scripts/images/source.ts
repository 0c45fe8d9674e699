import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the images are built from, as their labels say it. */
export interface Source {
  version: string;
  /** The commit, with "-dirty" when files differ from it; "unknown" outside of a repository. */
  revision: string;
  /** Of the commit, in seconds since 1970: the time of all files, so that one commit always makes the same layers. */
  epochSeconds: number;
}

export function readSource(root: string): Source {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const commit = git(root, 'log', '-1', '--format=%H %ct');
  const [hash, seconds] = commit?.split(' ') ?? [];
  if (hash === undefined || seconds === undefined) return { version, revision: 'unknown', epochSeconds: 0 };
  const isDirty = git(root, 'status', '--porcelain') !== '';
  return { version, revision: isDirty ? `${hash}-dirty` : hash, epochSeconds: Number(seconds) };
}

function git(root: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
