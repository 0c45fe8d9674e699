import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeStackData } from '@hookline/local-stack';

/** Everything that the demo keeps on disk, by name. */
export interface StateDirectory {
  path: string;
  /** Data of Kafka, registry and PostgreSQL. */
  stack: string;
  /** One file per service. */
  logs: string;
  /** Tells other tools where the running system is. */
  localFile: string;
  /** Names the process that uses the directory. */
  lock: string;
  /** The webhook secret of the source `demo`. */
  secret: string;
}

export function stateDirectory(path: string): StateDirectory {
  return {
    path,
    stack: join(path, 'stack'),
    logs: join(path, 'logs'),
    localFile: join(path, 'local.json'),
    lock: join(path, 'demo.pid'),
    secret: join(path, 'webhook-secret'),
  };
}

/** Removes what earlier runs have stored; the directory's lock stays ours. */
export async function removeState(state: StateDirectory): Promise<void> {
  await removeStackData(state.stack);
  await Promise.all([state.logs, state.secret].map((path) => rm(path, { recursive: true, force: true })));
}

/** The secret of earlier runs, so that curl commands of theirs still work, or a new one. Nobody else may read it. */
export async function webhookSecret(state: StateDirectory): Promise<string> {
  const kept = await readFile(state.secret, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(kept)) return kept;
  const secret = randomBytes(32).toString('hex');
  await mkdir(state.path, { recursive: true });
  await writeFile(state.secret, secret, { mode: 0o600 });
  return secret;
}
