import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** A `hookline` that runs, to be killed. */
export interface Started {
  kill(signal: NodeJS.Signals): void;
  ended: Promise<unknown>;
}

/** Starts `hookline` in a process of its own; what it says is thrown away. */
export function startHookline(args: readonly string[], settings: Record<string, string>): Started {
  const { PATH, NODE_V8_COVERAGE } = process.env;
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, ...args],
    {
      env: { PATH, ...(NODE_V8_COVERAGE && { NODE_V8_COVERAGE }), ...settings },
      cwd: tmpdir(),
      stdio: 'ignore',
    },
  );
  return { kill: (signal) => void child.kill(signal), ended: once(child, 'close') };
}
