import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSecureStack, type SecureAddresses } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import { isPassing, isRefusal } from '../classify-error.ts';
import { createDatabase, type Database } from '../database.ts';
import { migrationStatus } from '../migrate.ts';
import { listenOutbox } from '../outbox/listen-outbox.ts';
import { databaseConnection, type DatabaseSettings } from './database-connection.ts';

type Stack = Awaited<ReturnType<typeof startSecureStack>>;

let stack: Stack;
let at: SecureAddresses;
const open: Database[] = [];

beforeAll(async () => {
  stack = await startSecureStack(['postgres']);
  at = stack.addresses;
});
afterAll(async () => {
  await Promise.all(open.map((database) => database.close()));
  await stack?.stop();
});

function connecting(settings: Partial<DatabaseSettings> = {}): Database {
  const { databaseUrl, caFile: databaseCaFile } = at;
  const database = createDatabase({
    ...databaseConnection({ databaseUrl, databaseTls: true, databaseCaFile, ...settings }),
    poolSize: 1,
    applicationName: 'secure-test',
    queryTimeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    onConnectionError: () => {},
  });
  open.push(database);
  return database;
}

const TLS = `select ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()`;
const tlsOf = async (database: Database) => (await database.query(TLS)).rows;

const withUrl = (change: (url: URL) => void) => {
  const url = new URL(at.databaseUrl);
  change(url);
  return url.href;
};
const fileWith = (name: string, text: string) => {
  const path = join(at.directory, name);
  writeFileSync(path, text);
  return path;
};

describe('a connection to PostgreSQL', () => {
  it('is made by TLS, with our own certificate where there is one', async () => {
    expect(await tlsOf(connecting())).toEqual([{ ssl: true, client_dn: null }]);
    const { certFile: databaseCertFile, keyFile: databaseKeyFile } = at.client;
    expect(await tlsOf(connecting({ databaseCertFile, databaseKeyFile }))).toEqual([
      { ssl: true, client_dn: '/O=Hookline tests/CN=client' },
    ]);
  });

  it('is made by TLS where its URL says so, and without where nothing does, whatever libpq would', async () => {
    const databaseUrl = withUrl((url) => url.searchParams.set('sslmode', 'verify-full'));
    expect(await tlsOf(connecting({ databaseUrl, databaseTls: false }))).toEqual([{ ssl: true, client_dn: null }]);
    process.env['PGSSLMODE'] = 'no-verify';
    try {
      expect(await tlsOf(connecting({ databaseTls: false }))).toEqual([{ ssl: false, client_dn: null }]);
    } finally {
      delete process.env['PGSSLMODE'];
    }
  });

  it.each<[string, () => Partial<DatabaseSettings>, RegExp]>([
    ['of another authority', () => ({ databaseCaFile: at.otherCaFile }), /: HOOKLINE_DATABASE_CA_FILE must hold/],
    ['of no public authority', () => ({ databaseCaFile: undefined }), /: HOOKLINE_DATABASE_CA_FILE must hold/],
    [
      'of another host',
      () => ({ databaseUrl: withUrl((url) => (url.hostname = '127.0.0.1')) }),
      /is for another host: connect by a name/,
    ],
  ])('is not made with a certificate %s', async (_, settings, said) => {
    const failing = connecting(settings()).query('select 1');
    await expect(failing).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringMatching(said) });
  });

  it('is not made with a certificate that has expired, and made when it was renewed', async () => {
    const serve = async ({ certFile, keyFile }: SecureAddresses['server']) => {
      writeFileSync(join(at.databaseDirectory, 'server.pem'), readFileSync(certFile));
      writeFileSync(join(at.databaseDirectory, 'server.key'), readFileSync(keyFile));
      await connecting({ databaseTls: false }).query('select pg_reload_conf()');
    };
    await serve(at.expired);
    await until('it serves the expired one', async () => {
      const failed = await connecting()
        .query('select 1')
        .catch((error: unknown) => error);
      return /certificate has expired: renew/.test(String(failed));
    });
    await serve(at.server);
    await until('it serves the renewed one', () =>
      connecting()
        .query('select 1')
        .then(
          () => true,
          () => false,
        ),
    );
  });

  it('is not made without TLS instead', async () => {
    // Says of TLS what a PostgreSQL without it says, and would take all else.
    const heard: Buffer[] = [];
    const plain = createServer((socket) => {
      socket.on('data', (data) => {
        heard.push(data);
        socket.write('N');
      });
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const databaseUrl = withUrl((url) => (url.port = String(port)));
    await expect(connecting({ databaseUrl }).query('select 1')).rejects.toThrow(/does not support SSL.*it has no TLS/);
    expect(Buffer.concat(heard)).toHaveLength(8);
    plain.close();
  });
});

describe('a password', () => {
  it('that is wrong is told, and is no fault of the statement', async () => {
    const wrong = connecting({ databaseUrl: withUrl((url) => (url.password = 'wrong')) });
    const failed: unknown = await wrong.query('select 1').catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: 'No connection to the database: password authentication failed for user "postgres".',
    });
    expect([isPassing(failed), isRefusal(failed)]).toEqual([true, false]);
  });

  it('that is replaced while it runs is used by the next connection', async () => {
    const admin = connecting();
    await admin.query(`create role rotating login password 'first'`);
    const databasePasswordFile = fileWith('password', 'first\n');
    const databaseUrl = withUrl((url) => Object.assign(url, { username: 'rotating', password: '' }));
    const database = connecting({ databaseUrl, databasePasswordFile });
    await database.query('select 1');

    await admin.query(`alter role rotating password 's%cond +&='`);
    const endAll = () =>
      admin.query(`select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = 'rotating'`);
    await endAll();
    await expect(until('the old one is tried', () => database.query('select 1').then(() => false))).rejects.toThrow();
    writeFileSync(databasePasswordFile, 's%cond +&=\n');
    await until('the new one is taken', () =>
      database.query('select 1').then(
        () => true,
        () => false,
      ),
    );
  });

  it('can be in the file of the URL, which is read again, too', async () => {
    const databaseUrlFile = fileWith(
      'url',
      withUrl((url) => (url.password = 'wrong')),
    );
    const database = connecting({ databaseUrlFile });
    await expect(database.query('select 1')).rejects.toThrow('password authentication failed');
    writeFileSync(databaseUrlFile, 'nonsense');
    await expect(database.query('select 1')).rejects.toThrow(`${databaseUrlFile} does not hold a URL`);
    writeFileSync(
      databaseUrlFile,
      withUrl((url) => url.searchParams.set('sslmode', 'require')),
    );
    await expect(database.query('select 1')).rejects.toThrow('does not check whose certificate it is');
    writeFileSync(databaseUrlFile, at.databaseUrl);
    expect(await tlsOf(database)).toEqual([{ ssl: true, client_dn: null }]);
  });
});

it('a file that is gone fails a query, and not the process, and is read when it is back', async () => {
  const caFile = join(at.directory, 'moving-ca.pem');
  const database = connecting({ databaseCaFile: caFile });
  const attempts = await Promise.allSettled([1, 2, 3].map(() => database.query('select 1')));
  for (const attempt of attempts) {
    expect(attempt).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('ENOENT') } });
  }
  copyFileSync(at.caFile, caFile);
  await database.query('select 1');
});

it('what migrates and what listens is as secure', async () => {
  const settings = { databaseUrl: at.databaseUrl, databaseTls: true, databaseCaFile: at.otherCaFile };
  const said = expect.stringContaining('HOOKLINE_DATABASE_CA_FILE must hold') as unknown;
  await expect(migrationStatus(databaseConnection(settings))).rejects.toMatchObject({ message: said });
  const good = { ...settings, databaseCaFile: at.caFile };
  expect(await migrationStatus(databaseConnection(good))).toMatchObject({ applied: [] });

  const lost: unknown[] = [];
  let hints = 0;
  const listen = (of: DatabaseSettings) =>
    listenOutbox({
      ...databaseConnection(of),
      connectTimeoutMs: 5000,
      checkMs: 60_000,
      onHint: () => (hints += 1),
      giveHint: () => Promise.resolve(),
      hearMs: 60_000,
      onDeaf: () => {},
      onLost: (error) => lost.push(error),
    });
  const listeners = [listen(settings), listen(good)];
  await until('one listens, and one does not', () => hints === 1 && lost.length > 0);
  expect(lost[0]).toMatchObject({ message: said });
  await Promise.all(listeners.map((listener) => listener.close()));
});
