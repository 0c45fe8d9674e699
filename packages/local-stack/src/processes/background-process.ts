import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { guard, release, type Ward } from '../guardian/guardian.ts';
import { killTree } from '../guardian/clean-up.ts';
import { descendants, isRunning, isStopped, signal } from '../process-tree.ts';
import { waitUntil } from '../wait-until.ts';

/** After this long a server that was asked to stop is killed. */
const STOP_TIMEOUT_MS = 30_000;

export interface Command {
  program: string;
  args: string[];
  cwd: string;
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
}

/**
 * A server in the background, its output in a file. It leads a process group of its own, so that Ctrl-C in a terminal
 * reaches the owner only, who decides in which order things stop; a guardian ends it should the owner die.
 */
export interface BackgroundProcess {
  /** How it ended, or undefined while it runs. */
  ended(): string | undefined;
  /** Resolves to how it ended. */
  end: Promise<string>;
  /** `name` asks it to stop, SIGKILL ends it after the time; resolves when it and everything below it is gone. */
  stop(name: NodeJS.Signals, timeoutMs?: number): Promise<void>;
  kill(): Promise<void>;
  /** Freezes it and everything below it; resolves when nothing of it runs any more. */
  pause(): Promise<void>;
  resume(): void;
}

export async function startProcess(command: Command, logFile: string): Promise<BackgroundProcess> {
  const log = openSync(logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(command.program, command.args, {
      cwd: command.cwd,
      env: { ...process.env, ...command.env },
      detached: true,
      stdio: ['ignore', log, log],
      ...(command.uid === undefined ? {} : { uid: command.uid }),
      ...(command.gid === undefined ? {} : { gid: command.gid }),
    });
  } finally {
    closeSync(log);
  }
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw error;
  }
  return handle(child, child.pid);
}

function handle(child: ChildProcess, pid: number): BackgroundProcess {
  const ward: Ward = { kind: 'process', id: String(pid) };
  guard(ward);
  child.unref();
  let end: string | undefined;
  const exit = new Promise<string>((resolve) => {
    child.once('exit', (code, name) => {
      end = name === null ? `exit code ${code}` : `signal ${name}`;
      release(ward);
      resolve(end);
    });
  });
  const hasEnded = (): boolean => end !== undefined;

  return {
    ended: () => end,
    end: exit,
    async stop(name, timeoutMs = STOP_TIMEOUT_MS) {
      const below = descendants(pid);
      signal(pid, name);
      try {
        await waitUntil(`end of process ${pid}`, timeoutMs, () => hasEnded() && !below.some(isRunning));
      } catch {
        await this.kill();
      }
    },
    async kill() {
      if (!hasEnded()) await killTree(pid);
      await waitUntil(`end of process ${pid}`, STOP_TIMEOUT_MS, hasEnded);
    },
    async pause() {
      for (let tree = [pid]; ;) {
        for (const each of tree) signal(each, 'SIGSTOP');
        await waitUntil(`stop of process ${pid}`, STOP_TIMEOUT_MS, () => tree.every((each) => isStopped(each)));
        // What it forked before it stood still.
        const found = [pid, ...descendants(pid)];
        if (found.every((each) => tree.includes(each))) return;
        tree = found;
      }
    },
    resume() {
      for (const each of descendants(pid).reverse()) signal(each, 'SIGCONT');
      signal(pid, 'SIGCONT');
    },
  };
}
