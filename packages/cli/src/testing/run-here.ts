import { tmpdir } from 'node:os';
import { runProgram } from '../program.ts';
import type { Ran } from './run-hookline.ts';

let isRunning = false;

/**
 * Runs a command line in this process, with these settings: as `runHookline`, without the seconds that a process takes to
 * start. What only a process has, that it ends, its terminal and its exit code, is for that.
 *
 * @throws while another one runs here: environment and working directory are the process's own
 */
export async function runHere(args: readonly string[], settings: Record<string, string>): Promise<Ran> {
  if (isRunning) throw new Error('A command runs in this process already: run this one by runHookline.');
  isRunning = true;
  const leave = enter(settings);
  const lines = { stdout: '', stderr: '' };
  try {
    const exitCode = await runProgram(args, {
      data: (text) => void (lines.stdout += `${text}\n`),
      progress: (text) => void (lines.stderr += `${text}\n`),
    });
    return { exitCode, ...lines };
  } finally {
    leave();
    isRunning = false;
  }
}

/** Of our variables only these, and a directory that is below none with a local system; returns the way back. */
function enter(settings: Record<string, string>): () => void {
  const directory = process.cwd();
  // Those of the run of tests stay: a test may ask for its stack while the command is at work.
  const ours = Object.keys(process.env).filter((name) => /^HOOKLINE_(?!TEST_)/.test(name));
  const before = [...ours, ...Object.keys(settings)].map((name) => [name, process.env[name]] as const);
  for (const name of ours) delete process.env[name];
  Object.assign(process.env, settings);
  process.chdir(tmpdir());
  return () => {
    process.chdir(directory);
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
