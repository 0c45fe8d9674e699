import { write } from 'node:fs';
import { EXIT } from '../lifecycle/exit-codes.ts';
import type { MainThread } from './main-thread.ts';

export interface Blocked {
  service: string;
  /** How long the loop has been blocked, in milliseconds. */
  blockedMs: number;
  mainThread: () => Promise<MainThread>;
  /** Takes one line; resolves when it is written. */
  tell: (line: string) => Promise<void>;
  /** Sends the process SIGALRM. */
  signal: () => void;
  /** Resolves after that many milliseconds. */
  delay: (ms: number) => Promise<unknown>;
}

/** What asking for the stack may take: a main thread that cannot answer must not keep the process alive. */
const STACK_MS = 2000;
/** What the line may take, and then each way to end the process. */
const LAST_WORDS_MS = 1000;

/**
 * Says in one line of the log that the event loop is blocked, and where, and ends the process by SIGALRM, which shells
 * and container engines show as 142.
 *
 * A signal, since `process.exit` in a thread ends only that thread. PID 1 is not ended by a signal that nobody handles:
 * there the main thread is told to exit, which it can while it runs JavaScript.
 */
export async function endBlocked({ service, blockedMs, mainThread, tell, signal, delay }: Blocked): Promise<void> {
  const main = await mainThread();
  const stack = await main.stack(STACK_MS);
  const where = stack === null ? 'and does not say where (a call of the system?)' : `at ${stack[0]}`;
  await Promise.race([
    tell(
      line(service, {
        exitCode: EXIT.loopBlocked,
        blockedMs,
        stack,
        msg: `the event loop has been blocked for ${blockedMs} ms, ${where}: ending the process (HOOKLINE_WATCHDOG_MS)`,
      }),
    ),
    delay(LAST_WORDS_MS),
  ]);
  signal();
  await delay(LAST_WORDS_MS);
  main.exit(EXIT.loopBlocked);
  await delay(LAST_WORDS_MS);
  const msg = 'the process cannot end itself: it is PID 1, and in a call that does not return. Run it under an init';
  await tell(line(service, { exitCode: EXIT.loopBlocked, blockedMs, msg }));
}

/** As the logger writes them. */
function line(service: string, facts: Record<string, unknown>): string {
  return `${JSON.stringify({ level: 'fatal', time: new Date().toISOString(), service, ...facts })}\n`;
}

/** To stdout, where the log goes, past the main thread's streams. A pipe that is full rejects or waits; see above. */
export function tellStdout(text: string): Promise<void> {
  return new Promise((resolve) => write(1, text, () => resolve()));
}
