import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Something that must not outlive this process: a process id, the value of the label on all that a stack made in
 * Docker (or all but its volumes), a file or directory.
 */
export interface Ward {
  kind: 'process' | 'docker' | 'docker-keep-volumes' | 'path';
  id: string;
}

/**
 * A small process of its own, in a session of its own, that waits for the end of a pipe from this process. However
 * this process ends, SIGKILL included, the pipe ends too: then the guardian kills and removes what is still entered.
 * There is one while anything is entered, and none otherwise.
 */
let guardian: ChildProcess | undefined;
const wards = new Map<string, Ward>();

/** Enters a ward: before it is started, where its id is known before. */
export function guard(ward: Ward): void {
  wards.set(key(ward), ward);
  guardian ??= startGuardian();
  send('add', ward);
}

/** Process id of the guardian, which lives until everything that it guards is gone. */
export function guardianPid(): number {
  guardian ??= startGuardian();
  return guardian.pid ?? process.pid;
}

/** Takes a ward out again, once it is gone. */
export function release(ward: Ward): void {
  if (!wards.delete(key(ward))) return;
  send('remove', ward);
  if (wards.size > 0) return;
  guardian?.stdin?.end();
  guardian = undefined;
}

function key({ kind, id }: Ward): string {
  return `${kind} ${id}`;
}

function send(verb: 'add' | 'remove', ward: Ward): void {
  guardian?.stdin?.write(`${JSON.stringify({ verb, ...ward })}\n`);
}

function startGuardian(): ChildProcess {
  const main = fileURLToPath(new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // A guardian that was killed guards nothing, and must not take its ward's owner down with it.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}
