import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, releasePort } from '../free-ports.ts';
import { guard, release, type Ward } from '../guardian/guardian.ts';
import { processPart } from '../processes/process-part.ts';
import { invokeAs, unprivilegedAccount } from '../processes/unprivileged.ts';
import { DATABASE_PASSWORD, DATABASE_USER, postgresAnswers } from '../readiness.ts';
import { pgbouncerProgram } from './program.ts';

/** Per database and login. As many transactions as our largest pools hold at once, or they would wait for each other. */
const POOL_SIZE = 40;

/** A PgBouncer before a local server. */
export interface Pgbouncer {
  /** The same database, through it. */
  through(url: string): string;
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer in transaction mode before the server of a superuser's URL: for any database and any login of it. Each
 * transaction gets another connection than the one before: whatever a client leaves in one, it does not find again.
 */
export async function startPgbouncer(serverUrl: string): Promise<Pgbouncer> {
  const directory = await mkdtemp(join(tmpdir(), 'hookline-pgbouncer-'));
  const ward: Ward = { kind: 'path', id: directory };
  guard(ward);
  const port = await freePort();
  const [settings, users] = [join(directory, 'pgbouncer.ini'), join(directory, 'users.txt')];
  const part = processPart({
    name: 'pgbouncer',
    port,
    directory,
    stopSignal: 'SIGINT',
    async prepare() {
      await writeFile(settings, iniOf({ port, users, server: new URL(serverUrl) }), { mode: 0o600 });
      await writeFile(users, `"${DATABASE_USER}" "${DATABASE_PASSWORD}"\n`, { mode: 0o600 });
      const account = await unprivilegedAccount();
      if (account) await Promise.all([settings, users, directory].map((it) => chown(it, account.uid, account.gid)));
    },
    async command() {
      const { program, libraryPath } = await pgbouncerProgram();
      const invoked = await invokeAs(await unprivilegedAccount(), program, [settings], [settings]);
      return { ...invoked, cwd: directory, env: libraryPath === '' ? {} : { LD_LIBRARY_PATH: libraryPath } };
    },
    answers: () => postgresAnswers(port),
  });
  const clean = async () => {
    releasePort(port);
    await rm(directory, { recursive: true, force: true });
    release(ward);
  };
  try {
    await part.start();
  } catch (error) {
    await clean();
    throw error;
  }
  return {
    through(url) {
      const changed = new URL(url);
      changed.port = String(port);
      return changed.href;
    },
    async stop() {
      await part.stop();
      await clean();
    },
  };
}

function iniOf({ port, users, server }: { port: number; users: string; server: URL }): string {
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    pool_mode: 'transaction',
    auth_type: 'scram-sha-256',
    auth_file: users,
    // Logins that tests make are known by what the server has of them.
    auth_user: DATABASE_USER,
    auth_query: 'select usename, passwd from pg_shadow where usename = $1',
    max_client_conn: 2000,
    default_pool_size: POOL_SIZE,
    server_round_robin: 1,
    log_connections: 0,
    log_disconnections: 0,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `[databases]\n* = host=${server.hostname} port=${server.port}\n\n[pgbouncer]\n${lines.join('\n')}\n`;
}
