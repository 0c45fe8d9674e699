import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { guard, release, type Ward } from '@hookline/local-stack';
import { until } from './until.ts';

/** One line of a service's log. */
export type LogLine = Record<string, unknown> & { level: string; msg: string };

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A program of ours in a process of its own. */
export interface ServiceProcess {
  pid: number;
  /** What it has logged so far. */
  log: LogLine[];
  /** The first line with this message, and with these facts, now or later. Rejects if it ends without. */
  logged(message: string, facts?: Record<string, unknown>): Promise<LogLine>;
  signal(signal: NodeJS.Signals): void;
  ended: Promise<ProcessEnd>;
  /** SIGTERM, and what came of it. */
  stop(): Promise<ProcessEnd>;
  /** `/readyz`: whether it is ready, and each reason why it is not. */
  readiness(): Promise<{ ready: boolean; reasons: string[] }>;
  untilReady(): Promise<void>;
}

export interface ProgramSettings {
  /** Below the root of the repository, or a file URL. */
  main: string;
  /** Another checkout of it, whose program is run; default: this one. */
  root?: string;
  args?: string[];
  env?: Record<string, string | undefined>;
  /** Default `source`: the .ts files themselves. `dist`: what is built, run as in production, not counting coverage. */
  from?: 'source' | 'dist';
  /** Told what it writes to stderr, as it does. */
  onStderr?: (text: string) => void;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Starts a program by the real Node binary, so that signals reach it and not a shim. Of our own variables it sees only
 * those given here; NODE_V8_COVERAGE is handed on, so that what it runs counts as covered.
 */
export function startProgram({
  main,
  root = ROOT,
  args = [],
  env = {},
  from = 'source',
  onStderr,
}: ProgramSettings): ServiceProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HOOKLINE_'));
  // Node hands it on by itself where the child's variables do not name it.
  const coverage = from === 'dist' ? { NODE_V8_COVERAGE: undefined } : {};
  const flags = from === 'source' ? ['--conditions=source', '--disable-warning=ExperimentalWarning'] : [];
  const child = spawn(process.execPath, [...flags, fileURLToPath(new URL(main, pathToFileURL(`${root}/`))), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(inherited), ...coverage, ...env },
  });
  const log: LogLine[] = [];
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine);
  });
  let ending: ProcessEnd | undefined;
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onStderr?.(text);
  });
  const ended = end(child).then((how) => (ending = { ...how, stdout: lines.join('\n'), stderr }));

  const logged = (message: string, facts: Record<string, unknown> = {}): Promise<LogLine> =>
    until(`${main} logs "${message}"`, () => {
      const line = log.find(({ msg, ...rest }) => msg === message && contains(rest, facts));
      if (!line && ending) throw new Error(`${main} had not logged "${message}":\n${ending.stdout}\n${ending.stderr}`);
      return line;
    });

  const readiness = async (): Promise<{ ready: boolean; reasons: string[] }> => {
    const { port } = await logged('operations server listens');
    const response = await fetch(`http://127.0.0.1:${String(port)}/readyz`);
    const { probes } = (await response.json()) as { probes: { reason?: string }[] };
    return { ready: response.ok, reasons: probes.flatMap(({ reason }) => reason ?? []) };
  };

  return {
    pid: child.pid as number,
    log,
    logged,
    ended,
    signal: (signal) => child.kill(signal),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    readiness,
    untilReady: () => until(`${main} is ready`, async () => (await readiness()).ready).then(() => undefined),
  };
}

async function end(child: ChildProcess): Promise<Pick<ProcessEnd, 'code' | 'signal'>> {
  // Whatever becomes of the test that started it, nothing is left running.
  const ward: Ward = { kind: 'process', id: String(child.pid) };
  guard(ward);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  release(ward);
  return { code, signal };
}

function contains(line: Record<string, unknown>, facts: Record<string, unknown>): boolean {
  return Object.entries(facts).every(([name, value]) => line[name] === value);
}
