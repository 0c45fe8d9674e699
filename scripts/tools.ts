import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** A command-line tool among the root's dependencies. */
export interface Tool {
  /** Its script, below node_modules. */
  path: string;
  args: string[];
}

/**
 * Runs a tool in the root folder, on the Node that runs us, and returns what it printed: stdout, then stderr.
 * It rejects only when the tool cannot be started.
 */
export async function runTool({ path, args }: Tool): Promise<{ ok: boolean; output: string }> {
  const child = spawn(process.execPath, [join(root, 'node_modules', path), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { ok: code === 0, output: stdout + stderr };
}
