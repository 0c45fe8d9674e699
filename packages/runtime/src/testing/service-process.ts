import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const FIXTURE = fileURLToPath(new URL('fixture-service.ts', import.meta.url));

/** One line of its log. */
export type LogLine = Record<string, unknown> & { level: string; msg: string };

/** The fixture service as a process of its own. */
export interface ServiceProcess {
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the first line of the log with that message, now or later; rejects if the process ends without. */
  logged(message: string): Promise<LogLine>;
  /** Resolves when it has ended. */
  ended: Promise<{
    code: number | null;
    signal: NodeJS.Signals | null;
    stdout: string;
    stderr: string;
    log: LogLine[];
  }>;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test left running; for afterEach. */
export function killFixtures(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts the fixture on free ports, with these variables on top of ours; none of ours that begins with HOOKLINE_. */
export function startFixture(environment: Record<string, string> = {}, args: string[] = []): ServiceProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HOOKLINE_'));
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', FIXTURE, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(inherited),
        HOOKLINE_OPERATIONS_HOST: '127.0.0.1',
        HOOKLINE_OPERATIONS_PORT: '0',
        HOOKLINE_DATABASE_URL: 'postgresql://hook:very-secret@localhost/hookline',
        ...environment,
      },
    },
  );
  running.add(child);
  const lines: string[] = [];
  const log: LogLine[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine);
    for (const look of waiting) look();
  });
  const ended = Promise.all([once(child, 'close'), text(child.stderr)]).then(([[code, signal], stderr]) => {
    running.delete(child);
    return {
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: lines.join('\n'),
      stderr,
      log,
    };
  });
  return {
    kill: (signal) => child.kill(signal),
    ended,
    logged: (message) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = log.find(({ msg }) => msg === message);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(({ stdout, stderr }) => {
          reject(new Error(`It ended and had not logged "${message}":\n${stdout}\n${stderr}`));
        });
      }),
  };
}
