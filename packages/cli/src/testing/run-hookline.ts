import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface Ran {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs `hookline` in a process of its own, with these settings and none of the test's own.
 *
 * @param cwd default: a directory that is below none with a local system
 */
export async function runHookline(
  args: readonly string[],
  settings: Record<string, string> = {},
  cwd: string = tmpdir(),
): Promise<Ran> {
  const { PATH, NODE_V8_COVERAGE } = process.env;
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, ...args],
    {
      cwd,
      env: { PATH, ...(NODE_V8_COVERAGE && { NODE_V8_COVERAGE }), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}
