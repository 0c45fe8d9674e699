import { runProgram } from '../program.ts';
import type { Ran } from './run-hookline.ts';

/**
 * Runs a command line in this process, with these settings: as `runHookline`, without the seconds that a process takes to
 * start. One at a time: the environment is the process's own.
 */
export async function runHere(args: readonly string[], settings: Record<string, string>): Promise<Ran> {
  const lines = { stdout: '', stderr: '' };
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, settings);
  try {
    const exitCode = await runProgram(args, {
      data: (text) => void (lines.stdout += `${text}\n`),
      progress: (text) => void (lines.stderr += `${text}\n`),
    });
    return { exitCode, ...lines };
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
