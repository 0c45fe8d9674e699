import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** How Compose is called on this machine: the engine's plugin, or the older program of its own; null: not at all. */
export function findCompose(): string[] | null {
  const candidates = [['docker', 'compose'], ['docker-compose']];
  const answers = ([command = '', ...args]: string[]) =>
    spawnSync(command, [...args, 'version'], { stdio: 'ignore' }).status === 0;
  return candidates.find(answers) ?? null;
}

export interface ComposedSystem {
  /** Runs a command of Compose and returns what it printed; throws with its complaint when it fails. */
  compose(args: readonly string[], input?: string): string;
  /** The id of a service's container, running or not. */
  container(service: string): string;
}

/** The system of infra/compose as a project of its own, so that it touches no other on this machine. */
export function composedSystem(
  root: string,
  command: readonly string[],
  { project, environment }: { project: string; environment: Record<string, string> },
): ComposedSystem {
  const files = ['infra/compose/compose.yaml', 'tests/images/stand-ins.yaml'];
  const [program = '', ...before] = command;
  const base = [...before, '--project-name', project, ...files.flatMap((file) => ['--file', join(root, file)])];
  if (!files.every((file) => existsSync(join(root, file)))) throw new Error(`There are no ${files.join(', ')}.`);
  const compose: ComposedSystem['compose'] = (args, input) => {
    const { status, stdout, stderr, error } = spawnSync(program, [...base, ...args], {
      encoding: 'utf8',
      input: input ?? '',
      maxBuffer: 1 << 28,
      env: { ...process.env, ...environment },
    });
    if (status === 0) return stdout.trim();
    throw new Error(`${args.join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
  };
  return { compose, container: (service) => compose(['ps', '-q', service]) };
}
