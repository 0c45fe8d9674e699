import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { guard, release, type Ward } from '@hookline/local-stack';
import { EXIT } from '@hookline/runtime';
import { restartDelayMs } from './restart-delay.ts';

export interface ServiceSettings {
  name: string;
  /** Command line after Node itself. */
  args: string[];
  /** The whole environment. */
  env: Record<string, string | undefined>;
  /** Begun anew with each run; restarts within one go on in it. */
  logFile: string;
  /** Told of each restart: how the process ended, and in how many milliseconds the next one starts. */
  onRestart: (end: string, delayMs: number) => void;
}

/** A service that is kept running, in a process of its own. */
export interface ServiceProcess {
  readonly name: string;
  readonly logFile: string;
  /** Of the process that runs now. */
  pid(): number | undefined;
  /** How often it has been started again. */
  restarts(): number;
  /** Why it is not started again: its configuration is wrong, and will be the next time. */
  gaveUp(): string | undefined;
  /** SIGTERM, then SIGKILL after the grace period; resolves when the process is gone. Safe to call twice. */
  stop(graceMs: number): Promise<void>;
}

/** A process that lived this long has not died young. */
const GROWN_UP_MS = 30_000;

/**
 * Starts a service and starts it again, with growing delays, whenever it ends by itself. It leads a process group of
 * its own, so that Ctrl-C in a terminal reaches the supervisor only, who decides what stops first; a guardian ends it
 * should the supervisor be killed.
 */
export function startService({ name, args, env, logFile, onRestart }: ServiceSettings): ServiceProcess {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let restarts = 0;
  let youngDeaths = 0;
  let gaveUp: string | undefined;

  function start(flags: 'w' | 'a'): void {
    const log = openSync(logFile, flags);
    const started = spawn(process.execPath, args, { env, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    const ward: Ward = { kind: 'process', id: String(started.pid) };
    const startedAt = performance.now();
    child = started;
    guard(ward);
    started.once('exit', (code, signal) => {
      release(ward);
      child = undefined;
      if (!stopping) ended(signal ?? `exit code ${code}`, code, performance.now() - startedAt);
    });
  }

  function ended(end: string, code: number | null, livedMs: number): void {
    if (code === EXIT.badConfiguration) {
      gaveUp = `${name} refuses its configuration (${end})`;
      return;
    }
    youngDeaths = livedMs < GROWN_UP_MS ? youngDeaths + 1 : 1;
    restarts += 1;
    const delayMs = restartDelayMs(youngDeaths);
    onRestart(end, delayMs);
    timer = setTimeout(() => start('a'), delayMs);
  }

  start('w');
  return {
    name,
    logFile,
    pid: () => child?.pid,
    restarts: () => restarts,
    gaveUp: () => gaveUp,
    async stop(graceMs) {
      stopping = true;
      clearTimeout(timer);
      const last = child;
      if (!last) return;
      const exited = once(last, 'exit');
      last.kill('SIGTERM');
      const killing = setTimeout(() => last.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(killing);
    },
  };
}
