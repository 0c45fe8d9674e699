import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { guard, release, type Ward } from '@hookline/local-stack';
import type { System } from './system.ts';

/** How a command ended: -1 is by a signal. */
export interface HooklineEnd {
  code: number;
  /** What it said, on either stream. */
  output: string;
}

/**
 * Runs the command line that operators have, on a round's system.
 *
 * @param options.signal when it is aborted, the command is killed
 * @param options.asOwner with the login that owns the tables, which some commands need
 */
export async function runHookline(
  { root, environment, ownerUrl }: Pick<System, 'root' | 'environment' | 'ownerUrl'>,
  args: readonly string[],
  { signal, asOwner = false }: { signal?: AbortSignal; asOwner?: boolean } = {},
): Promise<HooklineEnd> {
  const env = { ...process.env, ...environment, ...(asOwner && { HOOKLINE_DATABASE_URL: ownerUrl }) };
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', join(root, 'packages/cli/src/main.ts'), ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env },
  );
  const ward: Ward = { kind: 'process', id: String(child.pid) };
  guard(ward);
  const kill = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  if (signal?.aborted) kill();
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  signal?.removeEventListener('abort', kill);
  release(ward);
  return { code: code ?? -1, output: `${stdout}\n${stderr}` };
}
