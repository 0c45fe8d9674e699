import { spawnSync } from 'node:child_process';

/** The first command that names an engine which answers, or null. */
export function findEngine(commands: readonly string[] = ['docker', 'podman']): string | null {
  return commands.find((command) => spawnSync(command, ['info'], { stdio: 'ignore' }).status === 0) ?? null;
}

/** Runs a command of the engine and returns what it printed; throws with its complaint when it fails. */
export function ask(engine: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(engine, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return stdout.trim();
  throw new Error(
    `${engine} ${args.slice(0, 2).join(' ')} failed: ${error?.message ?? (stderr.trim() || stdout.trim())}`,
  );
}
