import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Ran {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. It rejects only when the program cannot be started. */
export async function run(program: string, args: readonly string[], cwd?: string): Promise<Ran> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { ok: code === 0, stdout, stderr };
}
