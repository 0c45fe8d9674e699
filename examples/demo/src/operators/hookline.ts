import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DemoError } from '../demo-error.ts';
import type { LocalFile } from '../local-file.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.resolve('@hookline/cli')));

/** Runs the command line that operators have; resolves to what it prints as data. @throws {DemoError} where it fails */
export async function hookline(local: LocalFile, args: readonly string[], signal: AbortSignal): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HOOKLINE_'));
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, ...args],
    {
      env: {
        ...Object.fromEntries(inherited),
        HOOKLINE_ACTOR: 'demo',
        HOOKLINE_DATABASE_URL: local.databaseUrl,
        HOOKLINE_KAFKA_BROKERS: local.brokers.join(','),
        HOOKLINE_REGISTRY_URL: local.registryUrl,
        HOOKLINE_TOPIC: local.topic,
        HOOKLINE_TOPIC_PARTITIONS: String(local.partitions),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    },
  );
  const [[code], data, said] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  if (code !== 0) throw new DemoError(`hookline ${args.join(' ')} ended with ${code}: ${said.trim()}`);
  return data.trim();
}
