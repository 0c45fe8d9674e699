import { execFile } from 'node:child_process';
import { guard, release, type Ward } from '../guardian/guardian.ts';

export interface RunResult {
  /** Undefined when the program could not be started at all. */
  code: number | undefined;
  output: string;
}

export interface RunOptions {
  cwd?: string;
  uid?: number;
  gid?: number;
  /** For what takes long: it does not outlive us. */
  guarded?: boolean;
}

/** Runs a program to its end; never rejects. `output` is both of its streams, at most 16 MB. */
export function run(program: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const { guarded, ...rest } = options;
  return new Promise((resolve) => {
    const all = { ...rest, env: process.env, maxBuffer: 16 << 20 };
    const child = execFile(program, args, all, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (!error) resolve({ code: 0, output });
      else if (typeof error.code === 'number') resolve({ code: error.code, output });
      else resolve({ code: undefined, output: `${output}${error.message}` });
    });
    if (!guarded || child.pid === undefined) return;
    const ward: Ward = { kind: 'process', id: String(child.pid) };
    guard(ward);
    child.once('exit', () => release(ward));
  });
}
