import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { until } from '@hookline/test-support';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Ingest as the process that runs in production. */
export interface IngestProcess {
  kill(signal: NodeJS.Signals): void;
  /** The first line of its log with this message, from now or before. */
  logged(message: string): Promise<Record<string, unknown>>;
  /** Resolves when it has ended. */
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** @param environment all of its HOOKLINE_* variables */
export function startProcess(environment: Record<string, string | undefined>, args: string[] = []): IngestProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HOOKLINE_'));
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(inherited), ...environment },
    },
  );
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const ended = Promise.all([once(child, 'close'), text(child.stderr)]).then(([[code], stderr]) => {
    return { code: code as number | null, stdout: lines.join('\n'), stderr };
  });
  const find = (message: string) => {
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ msg }) => msg === message);
  };
  return {
    kill: (signal) => child.kill(signal),
    ended,
    async logged(message) {
      await until(`"${message}" in the log`, () => find(message) !== undefined);
      return find(message) as Record<string, unknown>;
    },
  };
}
