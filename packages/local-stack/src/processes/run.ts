import { execFile } from 'node:child_process';

export interface RunResult {
  /** Undefined when the program could not be started at all. */
  code: number | undefined;
  output: string;
}

export interface RunOptions {
  cwd?: string;
  uid?: number;
  gid?: number;
}

/** Runs a program to its end; never rejects. `output` is both of its streams, at most 16 MB. */
export function run(program: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve) => {
    const all = { ...options, env: process.env, maxBuffer: 16 << 20 };
    execFile(program, args, all, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (!error) resolve({ code: 0, output });
      else if (typeof error.code === 'number') resolve({ code: error.code, output });
      else resolve({ code: undefined, output: `${output}${error.message}` });
    });
  });
}
