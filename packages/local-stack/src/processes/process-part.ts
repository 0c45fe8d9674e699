import { join } from 'node:path';
import { isFree } from '../free-ports.ts';
import { logTail } from '../log-tail.ts';
import type { Part } from '../stack.ts';
import { StackError } from '../stack-error.ts';
import { waitUntil } from '../wait-until.ts';
import { type BackgroundProcess, type Command, startProcess } from './background-process.ts';

const START_TIMEOUT_MS = 90_000;

export interface ProcessPartOptions {
  name: string;
  port: number;
  directory: string;
  /** Makes the data directory and such, each time before a start. */
  prepare(): Promise<void>;
  command(): Promise<Command> | Command;
  answers(): Promise<boolean>;
  /** Told when it ends by itself after it had answered. */
  onPartEnd?: ((message: string) => void) | undefined;
  /** Asks the server to stop as an operator would. */
  stopSignal: NodeJS.Signals;
}

/** A server that runs as a process, log in `<directory>/<name>.log`. */
export function processPart(options: ProcessPartOptions): Part {
  const { name, port } = options;
  const logFile = join(options.directory, `${name}.log`);
  let running: BackgroundProcess | undefined;
  let isAskedToEnd = false;

  async function start(): Promise<void> {
    if (running && running.ended() === undefined) return;
    await options.prepare();
    const child = await startProcess(await options.command(), logFile);
    running = child;
    isAskedToEnd = false;
    try {
      await waitUntil(name, START_TIMEOUT_MS, options.answers, () => {
        const end = child.ended();
        return end === undefined ? undefined : `ended with ${end}`;
      });
    } catch (error) {
      await child.kill();
      const { message } = error as Error;
      const why = (await isFree(port)) ? '' : ` Another program listens on its port ${port}.`;
      const log = `End of ${logFile}:${await logTail(logFile)}`;
      throw new StackError(`${message} while starting.${why} ${log}`, { cause: error });
    }
    void tellEnd(child);
  }

  async function tellEnd(child: BackgroundProcess): Promise<void> {
    const end = await child.end;
    if (isAskedToEnd) return;
    options.onPartEnd?.(`${name} ended by itself (${end}). End of ${logFile}:${await logTail(logFile)}`);
  }

  /** What ends from now on ends because of us. */
  function toEnd(): BackgroundProcess | undefined {
    isAskedToEnd = true;
    return running;
  }

  return {
    name,
    port,
    start,
    stop: async () => toEnd()?.stop(options.stopSignal),
    kill: async () => toEnd()?.kill(),
    pause: async () => running?.pause(),
    resume: async () => running?.resume(),
  };
}
