import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import type { Database } from './database.ts';
import { migrateDown, migrateUp, migrationStatus } from './migrate.ts';
import { waitingForLock } from './testing/backends.ts';
import { catalogDump } from './testing/catalog-dump.ts';
import { rollback, transaction } from './transaction.ts';

const MIGRATOR = fileURLToPath(new URL('./testing/migrator-process.ts', import.meta.url));
const NAME = 'hookline migrate';

let own: TestDatabase;
let database: Database;
let directory: string;

beforeAll(async () => {
  own = await testDatabase();
  await migrateDown(own.url, { all: true });
  database = connectTo(own.url);
});
afterAll(async () => {
  await database.close();
  await own.drop();
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hookline-migrations-'));
  await database.query('create table public.busy (id integer)');
  await database.query('insert into public.busy values (1)');
});
afterEach(async () => {
  await migrateDown(own.url, { directory, all: true }).catch(() => {});
  await database.query('drop table if exists public.busy, public.first, public.second, public.third');
  await database.query('drop schema if exists hookline cascade');
  await rm(directory, { recursive: true });
});

async function writeMigration(name: string, up: string, down: string): Promise<void> {
  await writeFile(join(directory, `${name}.up.sql`), up);
  await writeFile(join(directory, `${name}.down.sql`), down);
}

/** Three migrations, of which the middle one needs a table that a test can lock. */
async function writeThree(): Promise<void> {
  await writeMigration('0001_first', 'create table public.first (id integer)', 'drop table public.first');
  await writeMigration(
    '0002_second',
    'alter table public.busy add column added integer; create table public.second (id integer)',
    'drop table public.second; alter table public.busy drop column added',
  );
  await writeMigration('0003_third', 'create table public.third (id integer)', 'drop table public.third');
}

/** Starts a migrator in a process of its own; resolves while it waits, in mid-migration, for the table `busy`. */
async function stuckMigrator(way: 'up' | 'down', work: (child: ChildProcess) => Promise<void>): Promise<void> {
  await transaction(database, {}, async (holder) => {
    await holder.query('lock table public.busy');
    const child = spawn(process.execPath, ['--conditions=source', MIGRATOR, way, own.url, directory]);
    const exited = once(child, 'exit');
    await waitingForLock(database, NAME);
    await work(child);
    await exited;
    return rollback(null);
  });
}

/** Sessions of migrators that are at work: a pooler keeps those that are not. */
async function migrators(): Promise<number> {
  const { rowCount } = await database.query(
    `select from pg_stat_activity where application_name = $1 and state <> 'idle'`,
    [NAME],
  );
  return rowCount;
}

describe('migrating', () => {
  it('keeps its own tables in the schema hookline, whatever schema comes first for the role', async () => {
    await writeThree();
    await migrateUp(own.url, { directory });
    const { rows } = await database.query(
      `select distinct relnamespace::regnamespace::text as schema from pg_class where relname like 'hookline_migrations%'`,
    );
    expect(rows).toEqual([{ schema: 'hookline' }]);
  });

  it('applies what is pending in the order of its numbers, says so, and then has nothing to do', async () => {
    await writeThree();
    await writeMigration('0010_tenth', 'alter table public.third add column tenth integer', 'select 1');
    expect(await migrationStatus(own.url, { directory })).toEqual({
      applied: [],
      pending: ['0001_first', '0002_second', '0003_third', '0010_tenth'],
    });
    expect(await migrateUp(own.url, { directory })).toEqual(['0001_first', '0002_second', '0003_third', '0010_tenth']);
    expect(await migrateUp(own.url, { directory })).toEqual([]);
    expect((await migrationStatus(own.url, { directory })).pending).toEqual([]);
  });

  it('down undoes the last one, or all, last first, and then has nothing to do', async () => {
    await writeThree();
    await migrateUp(own.url, { directory });
    expect(await migrateDown(own.url, { directory })).toEqual(['0003_third']);
    expect(await migrationStatus(own.url, { directory })).toEqual({
      applied: ['0001_first', '0002_second'],
      pending: ['0003_third'],
    });
    expect(await migrateDown(own.url, { directory, all: true })).toEqual(['0002_second', '0001_first']);
    expect(await migrateDown(own.url, { directory })).toEqual([]);
  });

  it('sends the file as it is: a question mark is an operator of jsonb, not a place for a value', async () => {
    const sql = `create table public.first as select '{"a": 1}'::jsonb ? 'a' as "has\\?" -- why?`;
    await writeMigration('0001_first', sql, 'drop table public.first');
    await migrateUp(own.url, { directory });
    expect((await database.query('select * from public.first')).rows).toEqual([{ 'has\\?': true }]);
  });

  it('rolls everything back when one fails, names the error, and succeeds when that is put right', async () => {
    await writeThree();
    await writeMigration('0003_third', 'create table public.third (id nonsense)', 'drop table public.third');
    await migrationStatus(own.url, { directory });
    const before = await catalogDump(database);
    await expect(migrateUp(own.url, { directory })).rejects.toThrow(
      'Migration 0003_third failed, and nothing has changed: type "nonsense" does not exist.',
    );
    expect(await catalogDump(database)).toEqual(before);
    expect((await migrationStatus(own.url, { directory })).applied).toEqual([]);
    await writeThree();
    expect((await migrateUp(own.url, { directory })).length).toBe(3);
  });

  it('down all rolls everything back when one fails', async () => {
    await writeThree();
    await migrateUp(own.url, { directory });
    await writeMigration('0001_first', '', 'drop table public.nonsense');
    const before = await catalogDump(database);
    await expect(migrateDown(own.url, { directory, all: true })).rejects.toThrow(
      /^Migration 0001_first failed.*"nonsense"/,
    );
    expect(await catalogDump(database)).toEqual(before);
    await writeThree();
    expect((await migrateDown(own.url, { directory, all: true })).length).toBe(3);
  });

  it('refuses a directory in which an applied migration, or one half of a pair, is missing', async () => {
    await writeThree();
    await migrateUp(own.url, { directory });
    await rm(join(directory, '0002_second.up.sql'));
    await expect(migrateUp(own.url, { directory })).rejects.toThrow(/following files are missing: 0002_second/);
    await writeThree();
    await writeFile(join(directory, '0004_fourth.up.sql'), 'select 1');
    await expect(migrateUp(own.url, { directory })).rejects.toThrow(/0004_fourth\.down\.sql/);
  });

  // A release that is rolled back runs its `migrate up` again, on the schema of the one that it replaces.
  it('changes nothing where a later release has migrated; down, which would need its files, is refused', async () => {
    await writeThree();
    await migrateUp(own.url, { directory });
    await Promise.all(['up', 'down'].map((way) => rm(join(directory, `0003_third.${way}.sql`))));
    expect(await migrateUp(own.url, { directory })).toEqual([]);
    expect((await migrationStatus(own.url, { directory })).applied).toEqual([
      '0001_first',
      '0002_second',
      '0003_third',
    ]);
    await expect(migrateDown(own.url, { directory })).rejects.toThrow(/following files are missing: 0003_third/);
  });

  it('by four at once happens once: the others wait, and find nothing to do', async () => {
    await writeThree();
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrateUp(own.url, { directory })));
    expect(applied.flat()).toEqual(['0001_first', '0002_second', '0003_third']);
  });

  it('up and down at once happen one after the other', async () => {
    await writeThree();
    await migrateUp(own.url, { directory });
    const [undone, applied] = await Promise.all([
      migrateDown(own.url, { directory, all: true }),
      migrateUp(own.url, { directory }),
    ]);
    expect(undone.length).toBe(3);
    expect([0, 3]).toContain(applied.length);
    const { applied: left } = await migrationStatus(own.url, { directory });
    expect(left.length).toBe(applied.length);
  });

  it('rejects with the reason when there is no database', async () => {
    await expect(migrateUp('postgres://nobody@127.0.0.1:1/none', { directory })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});

/** Runs work with the URL of a role that may connect and nothing else; drops what the role has got. */
async function asRole(work: (url: string, role: string) => Promise<void>): Promise<void> {
  const role = `role_${randomBytes(6).toString('hex')}`;
  const url = new URL(own.url);
  url.username = role;
  url.password = role;
  await database.query(`create role ${role} login password '${role}'`);
  try {
    await work(url.href, role);
  } finally {
    await database.query(`drop owned by ${role} cascade`);
    await database.query(`drop role ${role}`);
  }
}

describe('the rights that a role needs', () => {
  beforeEach(() => writeMigration('0001_first', 'create table hookline.first ()', 'drop table hookline.first'));

  it('up and down: to own the schema, or to create it', async () => {
    await asRole(async (url, role) => {
      await expect(migrateUp(url, { directory })).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        message:
          `The database's role may not migrate it: permission denied for database ${new URL(url).pathname.slice(1)}. ` +
          'Migrate with a role that has CREATE on the database, or that owns the schema hookline and what is in it: ' +
          'create schema hookline authorization <role>.',
      });
      await database.query(`create schema hookline authorization ${role}`);
      expect(await migrateUp(url, { directory })).toEqual(['0001_first']);
      expect(await migrateDown(url, { directory, all: true })).toEqual(['0001_first']);
      expect(await migrateUp(url, { directory })).toEqual(['0001_first']);
    });
    await asRole(async (url, role) => {
      await database.query(`grant create on database ${new URL(url).pathname.slice(1)} to ${role}`);
      expect(await migrateUp(url, { directory })).toEqual(['0001_first']);
    });
  });

  it('up: said also where a migration meets what another role owns', async () => {
    await asRole(async (url, role) => {
      await database.query(`create schema hookline authorization ${role}`);
      await migrateUp(url, { directory });
      await database.query('alter table hookline.first owner to current_user');
      await writeMigration('0002_second', 'alter table hookline.first add column a integer', '');
      await expect(migrateUp(url, { directory })).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        message: expect.stringMatching(
          /^Migration 0002_second failed.*must be owner of table first\. Migrate with a role/,
        ),
      });
      await database.query('drop schema hookline cascade');
    });
  });

  it('status: to read the bookkeeping, and none on a database that was never migrated', async () => {
    await asRole(async (url, role) => {
      const pending = { applied: [], pending: ['0001_first'] };
      expect(await migrationStatus(url, { directory })).toEqual(pending);
      await migrateUp(own.url, { directory });
      await expect(migrationStatus(url, { directory })).rejects.toMatchObject({
        code: 'DATABASE_MISMATCH',
        message: expect.stringMatching(
          /: permission denied for schema hookline\. Grant it USAGE on the schema hookline and/,
        ),
      });
      await database.query(`grant usage on schema hookline to ${role}`);
      await expect(migrationStatus(url, { directory })).rejects.toMatchObject({
        code: 'DATABASE_MISMATCH',
        message: expect.stringContaining(': permission denied for table hookline_migrations. Grant it'),
      });
      await database.query(`grant select on hookline.hookline_migrations to ${role}`);
      expect(await migrationStatus(url, { directory })).toEqual({ applied: ['0001_first'], pending: [] });
    });
  });
});

describe('a migrator that is killed in mid-migration', () => {
  it.each(['up', 'down'] as const)('on its way %s leaves nothing: no table, no record, no lock', async (way) => {
    await writeThree();
    if (way === 'down') {
      await migrateUp(own.url, { directory });
      await migrateDown(own.url, { directory });
    } else {
      await migrationStatus(own.url, { directory });
    }
    const before = { dump: await catalogDump(database), status: await migrationStatus(own.url, { directory }) };
    await stuckMigrator(way, async (child) => {
      child.kill('SIGKILL');
      // The server ends its session although the lock for which that waits is still held.
      await until('its session is gone', async () => (await migrators()) === 0);
    });
    expect(await catalogDump(database)).toEqual(before.dump);
    expect(await migrationStatus(own.url, { directory })).toEqual(before.status);
    expect((await migrateUp(own.url, { directory })).length).toBe(before.status.pending.length);
  });

  it('does not stop one that was already waiting for it', async () => {
    await writeThree();
    let next: Promise<string[]> | undefined;
    await stuckMigrator('up', async (child) => {
      next = migrateUp(own.url, { directory });
      await until('the next one waits', async () => (await migrators()) === 2);
      child.kill('SIGKILL');
      await until('only the next one is left', async () => (await migrators()) === 1);
    });
    expect(await next).toEqual(['0001_first', '0002_second', '0003_third']);
  });
});
